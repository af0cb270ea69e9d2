// These documents in canonical JSON (RFC 8785), as the program of that document's author writes it.

import {json} from 'node:stream/consumers';
import canonicalize from 'canonicalize';

const given = await json(process.stdin);
console.log(JSON.stringify(given.documents.map(one => canonicalize(JSON.parse(one)))));
