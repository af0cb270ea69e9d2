// Does a COSE library accept these payloads? One answer for each: its claims, or why not.

import {json} from 'node:stream/consumers';
import {decode, Sign1} from '@auth0/cose';
import {Decoder} from 'cbor-x';
import {importJWK} from 'jose';

const given = await json(process.stdin);
const cbor = new Decoder({mapsAsObjects: false});
const key = await importJWK(given.key, 'EdDSA');

async function judge(payload) {
  const bytes = Buffer.from(payload, 'hex');
  try {
    const message = decode(bytes, Sign1);
    await message.verify(key);
    const claims = cbor.decode(message.payload).get(-70001);
    return {accepted: true, serial: claims.get(1), name: claims.get(2)};
  } catch(error) {
    return {accepted: false, reason: `${error}`};
  }
}

console.log(JSON.stringify(await Promise.all(given.payloads.map(judge))));
