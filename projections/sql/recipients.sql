-- One row for every name under which an award can be found: the recipient line and its persons,
-- as they are now and as they were before corrections.
CREATE TABLE recipient (
    award_id   uuid     NOT NULL,
    ordinal    smallint NOT NULL,
    name       text     NOT NULL,
    norm       text     COLLATE "C" NOT NULL,
    sort_key   text     COLLATE "C" NOT NULL,
    is_current boolean  NOT NULL,
    born       text,
    place      text,
    place_key  text     COLLATE "C",
    year_words text[]   COLLATE "C" NOT NULL,
    PRIMARY KEY (award_id, ordinal)
);

-- Distinct names. Rows are only ever added. `shuffle` is a fixed order that has nothing to do
-- with the words, in which those of very common names are found within a few rows.
CREATE TABLE name (
    norm     text   COLLATE "C" PRIMARY KEY,
    plain    text   COLLATE "C" NOT NULL,
    sort_key text   COLLATE "C" NOT NULL,
    shuffle  bigint NOT NULL,
    words    text[] COLLATE "C" NOT NULL
);

CREATE TABLE place (
    place_key text   COLLATE "C" PRIMARY KEY,
    words     text[] COLLATE "C" NOT NULL
);

-- Distinct folded words of names, and each of them with one letter left out (and with none):
-- two words that share a row differ by a typing error or little more.
CREATE TABLE word (
    word text COLLATE "C" PRIMARY KEY
);
CREATE TABLE word_deletion (
    deletion text COLLATE "C" NOT NULL,
    word     text COLLATE "C" NOT NULL,
    PRIMARY KEY (deletion, word)
);
