// Digits, CBOR and COSE of a certificate: the browser's half of registry/proofs/{digits,cbor,payload}.py.
// The same bytes are accepted and the same codes refused; tests/test_check_page.py holds them together.

class Refusal extends Error {
  constructor(code) { super(code); this.code = code; }
}
const refuse = (code) => { throw new Refusal(code); };

const DIGITS_MAX = 4000, BYTES_MAX = 2000, DEPTH_MAX = 6;
const BYTES_OF = { 3: 1, 5: 2, 8: 3, 10: 4, 13: 5, 15: 6, 17: 7 };

const toHex = (bytes) => [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const toBytes = (text) => new TextEncoder().encode(text);
const toText = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

function digitsToBytes(text) {
  if (text.length > DIGITS_MAX) refuse("payload-too-long");
  if (!/^[0-9]+$/.test(text)) refuse("payload-not-digits");
  const bytes = [];
  for (let at = 0; at < text.length; at += 17) {
    const group = text.slice(at, at + 17), length = BYTES_OF[group.length];
    if (!length) refuse("payload-short");
    const number = BigInt(group);
    if (number >> BigInt(8 * length)) refuse("payload-not-digits");
    for (let byte = length - 1; byte >= 0; byte--) bytes.push(Number((number >> BigInt(8 * byte)) & 255n));
  }
  return Uint8Array.from(bytes);
}

// Reads deterministic CBOR and nothing else; throws plain errors, which callers turn into a code.
function readCbor(bytes) {
  let place = 0;
  const bad = (reason) => { throw new Error(reason); };
  const take = (length) => {
    if (place + length > bytes.length) bad("cut short");
    return bytes.subarray(place, (place += length));
  };
  const readHead = () => {
    const first = take(1)[0], code = first & 31;
    if (code < 24) return [first >> 5, code];
    if (code > 27) bad("length unknown");
    const length = 1 << (code - 24);
    const number = take(length).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    if (number < (length === 1 ? 24n : 1n << BigInt(4 * length))) bad("not in its shortest form");
    return [first >> 5, number > BigInt(Number.MAX_SAFE_INTEGER) ? bad("integer too large") : Number(number)];
  };
  const count = (claimed) => (claimed > bytes.length - place ? bad("cut short") : claimed);
  const readMap = (length, depth) => {
    const pairs = new Map();
    let before = "";
    for (let left = count(length); left; left--) {
      const begun = place, key = readValue(depth + 1), written = toHex(bytes.subarray(begun, place));
      if (!Number.isInteger(key) || written <= before) bad("keys of a map out of order");
      before = written;
      pairs.set(key, readValue(depth + 1));
    }
    return pairs;
  };
  const readValue = (depth) => {
    if (depth > DEPTH_MAX) bad("nested too deep");
    const [major, argument] = readHead();
    switch (major) {
      case 0: return argument;
      case 1: return -1 - argument;
      case 2: return take(argument);
      case 3: return toText(take(argument));
      case 4: return Array.from({ length: count(argument) }, () => readValue(depth + 1));
      case 5: return readMap(argument, depth);
      case 6: return { tag: argument, value: readValue(depth + 1) };
      default: return bad("neither number, text, list, map nor tag");
    }
  };
  const value = readValue(0);
  return place === bytes.length ? value : bad("bytes behind the end");
}

function decoded(bytes, code) {
  try { return readCbor(bytes); } catch { return refuse(code); }
}

const isBytes = (value) => value instanceof Uint8Array;
const hasOnly = (map, keys) => map instanceof Map && [...map.keys()].every((key) => keys.includes(key));

function parseEnvelope(bytes) {
  if (bytes.length > BYTES_MAX) refuse("payload-too-long");
  const cose = decoded(bytes, "payload-malformed"), parts = cose?.value;
  if (cose?.tag !== 18 || !Array.isArray(parts) || parts.length !== 4) refuse("payload-malformed");
  const [head, unprotected, claims, signature] = parts;
  if (![head, claims, signature].every(isBytes)) refuse("payload-malformed");
  // Whatever stood in the unprotected header would not be signed.
  if (!hasOnly(unprotected, []) || signature.length !== 64) refuse("payload-header");
  const header = decoded(head, "payload-header");
  if (!hasOnly(header, [1, 4]) || header.get(1) !== -8) refuse("payload-header");
  const kid = header.get(4);
  if (!isBytes(kid) || kid.length !== 4) refuse("payload-header");
  return { kid: toHex(kid), head, claims, signature };
}

// Sig_structure of RFC 9052, 4.4.
function toBeSigned({ head, claims }) {
  const prefix = (length) => (length < 24 ? [0x40 | length] : length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255]);
  return Uint8Array.from([
    0x84, 0x6a, ...toBytes("Signature1"), ...prefix(head.length), ...head, 0x40, ...prefix(claims.length), ...claims,
  ]);
}

function readClaims(bytes) {
  const claims = decoded(bytes, "payload-claims");
  if (!hasOnly(claims, [6, -70001])) refuse("payload-claims");
  const signedAt = claims.get(6), award = claims.get(-70001);
  if (!Number.isInteger(signedAt) || !hasOnly(award, [1, 2, 3, 4, 5, 6, 7])) refuse("payload-claims");
  const [serial, name, form, decision, , salt, index] = [1, 2, 3, 4, 5, 6, 7].map((key) => award.get(key));
  const texts = [serial, name, form].every((one) => typeof one === "string") && ["string", "undefined"].includes(typeof decision);
  if (!texts || !isBytes(salt) || !Number.isInteger(index)) refuse("payload-claims");
  return { signedAt, serial, name, form, decision, awardedOn: readDate(award.get(5)), index };
}

function readDate(value) {
  if (value === undefined || typeof value === "string") return value;
  if (value.tag !== 100 || !Number.isInteger(value.value) || Math.abs(value.value) > 73200) refuse("payload-claims");
  return new Date(value.value * 864e5).toISOString().slice(0, 10);
}
