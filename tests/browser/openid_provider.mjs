// An OpenID provider for test_openid.py: node openid_provider.mjs PORT REDIRECT_ADDRESS PEOPLE.json
// PEOPLE.json, read anew each time, says which claims belong to whoever signs in with a name.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port, back, people] = process.argv.slice(2);
const claimsOf = (name) => ({ sub: name, ...JSON.parse(readFileSync(people, "utf8"))[name] });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "eventhub", client_secret: "a secret of both", redirect_uris: [back] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  cookies: { keys: ["good for a test only"] },
  findAccount: (_context, name) => ({ accountId: name, claims: () => claimsOf(name) }),
});
createServer(provider.callback()).listen(Number(port), "127.0.0.1", () => console.log("ready"));
