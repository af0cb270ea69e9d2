// These documents with a proof by eddsa-jcs-2022, made by the library of the cryptosuite's authors.

import {json} from 'node:stream/consumers';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {createSignCryptosuite} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import jsigs from 'jsonld-signatures';

const given = await json(process.stdin);
const {controller, method, publicKeyMultibase, secretKeyMultibase, created} = given;
const key = await Ed25519Multikey.from(
  {type: 'Multikey', id: method, controller, publicKeyMultibase, secretKeyMultibase});

async function prove(document) {
  const suite = new DataIntegrityProof(
    {signer: key.signer(), date: created, cryptosuite: createSignCryptosuite()});
  const purpose = new jsigs.purposes.AssertionProofPurpose();
  const documentLoader = url => { throw new Error(`not to be fetched: ${url}`); };
  return jsigs.sign(document, {suite, purpose, documentLoader});
}

console.log(JSON.stringify(await Promise.all(given.documents.map(prove))));
