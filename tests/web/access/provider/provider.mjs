// A real sign-in provider for the tests, on a free port of this machine; prints its issuer. Anybody signs in as any account with any
// password (its development pages). POST /forge with claims makes the next identity token a forged one: {"aud": "x"}, or {"key": true}
// for one that is signed by somebody else.
import { createServer } from "node:http";
import { generateKeyPair, exportJWK, SignJWT, decodeJwt, decodeProtectedHeader } from "jose";
import Provider from "oidc-provider";

const { accounts, redirect } = JSON.parse(process.argv[2]);
const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const stranger = await generateKeyPair("RS256");
const server = createServer();
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: "salesgauge", client_secret: "a secret of the tests", redirect_uris: [redirect], grant_types: ["authorization_code"] }],
  jwks: { keys: [{ ...await exportJWK(privateKey), kid: "tests", use: "sig", alg: "RS256" }] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["only for the tests"] },
  pkce: { required: () => true },
  findAccount: (ctx, id) => accounts[id] && { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) },
});

let forged;
provider.use(async (ctx, next) => {
  await next();
  if (forged && ctx.path === "/token" && ctx.body?.id_token) {
    const { key, ...claims } = forged;
    forged = undefined;
    const { id_token } = ctx.body;
    ctx.body.id_token = await new SignJWT({ ...decodeJwt(id_token), ...claims })
      .setProtectedHeader(decodeProtectedHeader(id_token)).sign(key ? stranger.privateKey : privateKey);
  }
});

const answer = provider.callback();
server.on("request", (request, response) => {
  if (request.url !== "/forge") return answer(request, response);
  let body = "";
  request.on("data", (chunk) => { body += chunk; });
  request.on("end", () => { forged = JSON.parse(body); response.end(); });
});
console.log(issuer);
