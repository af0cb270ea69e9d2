CREATE TABLE registered_user (
    id          uuid PRIMARY KEY,
    name        text NOT NULL,
    role        text NOT NULL,
    office      text NOT NULL,
    disabled    boolean NOT NULL,
    version     bigint  NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE TABLE token (
    digest     text PRIMARY KEY,
    user_id    uuid NOT NULL,
    granted_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
);
