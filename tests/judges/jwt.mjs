// Does a JOSE library accept these signed lines? One answer for each: its payload, or why not.

import {json} from 'node:stream/consumers';
import {importJWK, jwtVerify} from 'jose';

const given = await json(process.stdin);
const key = await importJWK(given.key, 'EdDSA');
const wanted = {algorithms: ['EdDSA'], typ: 'vc+jwt', issuer: given.issuer};

async function judge(line) {
  try {
    const {payload} = await jwtVerify(line, key, wanted);
    return {accepted: true, payload};
  } catch(error) {
    return {accepted: false, reason: error.code};
  }
}

console.log(JSON.stringify(await Promise.all(given.lines.map(judge))));
