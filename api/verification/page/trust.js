// Whose signatures count: the key list, signed by enough of the roots that are written into this page.

// WebCrypto where the browser has Ed25519, else the library above; both refuse what the other refuses.
async function holds(publicKey, signature, message) {
  if (!location.search.includes("without-webcrypto")) {
    try {
      const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
      return await crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
    } catch { /* this browser does not know Ed25519 */ }
  }
  return verifyAsync(signature, message, publicKey, { zip215: false });
}

const parseNoteKey = (text) => {
  const [name, id, ...key] = text.split("+");
  return { name, id, publicKey: fromBase64(key.join("+")).subarray(1) };
};

async function readKeyList(note, roots, threshold) {
  const cut = note.lastIndexOf("\n\n"), text = note.slice(0, cut + 1);
  const signed = new Set();
  for (const line of note.slice(cut + 2).split("\n").filter(Boolean)) {
    const [, name, encoded] = line.match(/^— ([^\s+]+) (\S+)$/) ?? refuse("key-list-malformed");
    const raw = fromBase64(encoded);
    for (const root of roots.map(parseNoteKey)) {
      if (root.name !== name || root.id !== toHex(raw.subarray(0, 4))) continue;
      if (!(await holds(root.publicKey, raw.subarray(4), toBytes(text)))) refuse("key-list-threshold");
      signed.add(toHex(root.publicKey));
    }
  }
  if (cut < 0 || signed.size < threshold) refuse("key-list-threshold");
  return { ...JSON.parse(text), note };
}

// The newest list among those at hand. `warning` says what was wrong with the one the server gave.
async function trustedKeys(fetched, now) {
  const known = [];
  for (const note of [recall("keys"), TRUST.note]) {
    try { known.push(await readKeyList(note, TRUST.roots, TRUST.threshold)); } catch { /* none kept, or spoilt */ }
  }
  let newest = known.reduce((best, one) => (best && best.version >= one.version ? best : one), undefined);
  let warning;
  if (fetched !== undefined) {
    try {
      const given = await readKeyList(fetched, TRUST.roots, TRUST.threshold);
      if (newest && given.version < newest.version) refuse("key-list-rolled-back");
      if (newest && given.version === newest.version && given.note !== newest.note) refuse("key-list-replaced");
      newest = given;
    } catch (error) { warning = error.code ?? "key-list-malformed"; }
  }
  if (!newest) refuse(warning ?? "key-list-missing");
  remember("keys", newest.note);
  if (now >= newest.expires) refuse("key-list-stale");
  return { list: newest, warning };
}

const findKey = (list, kid, use) => list.keys.find((key) => key.kid === kid && key.use === use);

// The signed text of a certificate. What was signed by a stolen key is told by `needsLog`.
async function verifyPayload(bytes, list) {
  const envelope = parseEnvelope(bytes);
  const key = findKey(list, envelope.kid, "issue") ?? refuse("payload-key-unknown");
  if (!(await holds(fromHex(key.pub), envelope.signature, toBeSigned(envelope)))) refuse("payload-signature");
  const claims = readClaims(envelope.claims);
  // Validity is a matter of the time of signing: a certificate outlives its key.
  if (!(key.from <= claims.signedAt && claims.signedAt < key.to)) refuse("payload-key-not-valid-then");
  return { ...claims, needsLog: key.compromised_at_leaf !== undefined };
}

// What this browser keeps between visits; a browser that keeps nothing works too.
function remember(name, value) {
  try { localStorage.setItem(`sovang-${name}`, value); } catch { /* private window */ }
}
function recall(name) {
  try { return localStorage.getItem(`sovang-${name}`) ?? undefined; } catch { return undefined; }
}
