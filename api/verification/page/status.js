// In force or not: signed lists that answer for seven days, fetched whole so that nobody learns
// which certificate is looked at. What was seen as not in force once is never forgotten.

const LIST_BITS = 131072, CLOCKS_APART_MAX = 3e5;

async function readList(jwt, list) {
  const [head, claims, signature] = jwt.trim().split(".");
  let header, kid;
  try {
    header = JSON.parse(toText(fromBase64(head)));
    kid = header.kid.split("#")[1];
  } catch { refuse("status-list-malformed"); }
  if (header.alg !== "EdDSA" || header.typ !== "vc+jwt" || signature === undefined) refuse("status-list-malformed");
  const key = findKey(list, kid, "status") ?? refuse("status-list-key-unknown");
  if (!(await holds(fromHex(key.pub), fromBase64(signature), toBytes(`${head}.${claims}`)))) refuse("status-list-signature");
  const { id, validFrom, validUntil, credentialSubject: subject } = JSON.parse(toText(fromBase64(claims)));
  // Without its place in the log, what a stolen key signed may be of yesterday or of the thief.
  const at = Date.parse(validFrom) / 1000;
  if (!(key.from <= at && at < key.to) || key.compromised_at_leaf !== undefined) refuse("status-list-key-not-valid-then");
  const packed = fromBase64(subject.encodedList.slice(1));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bits = new Uint8Array(await new Response(unpacked).arrayBuffer());
  if (subject.statusPurpose !== "revocation" || bits.length !== LIST_BITS / 8) refuse("status-list-malformed");
  return { number: Number(id.split("/").pop()), validFrom, validUntil, bits, jwt };
}

const isSet = (bits, index) => Boolean(bits[(index % LIST_BITS) >> 3] & (0x80 >> (index % 8)));

function checkList(found, number, now, newestSeen) {
  if (found.number !== number) refuse("status-list-of-another");
  if (now + CLOCKS_APART_MAX < Date.parse(found.validFrom)) refuse("status-list-not-yet");
  if (newestSeen && found.validFrom < newestSeen) refuse("status-list-rolled-back");
  if (now >= Date.parse(found.validUntil)) refuse("status-list-stale");
  return found;
}

// `revoked`, `not-revoked` as of a date, or `unknown` with the code that says why.
async function standingOf(index, list, now) {
  const number = Math.floor(index / LIST_BITS), kept = recall(`list-${number}`);
  let known, found, warning;
  try { known = kept && (await readList(kept, list)); } catch { /* spoilt */ }
  try {
    const answer = await fetch(`/log/status/${number}`, { headers: { Accept: "application/vc+jwt" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const given = await readList(await answer.text(), list);
    found = checkList(given, number, now, known?.validFrom);
    remember(`list-${number}`, given.jwt);
  } catch (error) { warning = error.code; }
  if (!found && known) {
    try { found = checkList(known, number, now); } catch (error) { warning ??= error.code; }
  }
  const seen = JSON.parse(recall("revoked") ?? "{}"), newest = found ?? known;
  if (newest && isSet(newest.bits, index) && !seen[index]) {
    seen[index] = newest.validFrom;
    remember("revoked", JSON.stringify(seen));
  }
  const again = found && seen[index] && !isSet(found.bits, index) && found.validFrom > seen[index];
  if (seen[index] && !again) return { state: "revoked", asOf: newest?.validFrom ?? seen[index], warning };
  if (!found) return { state: "unknown", asOf: known?.validFrom, warning: warning ?? "status-list-missing" };
  return { state: again ? "again" : "not-revoked", asOf: found.validFrom, until: found.validUntil, since: seen[index], warning };
}
