#include "access/id_token.h"

#include <gtest/gtest.h>

#include "access/id_token_samples.h"
#include "core/text.h"

namespace penstock::access {
namespace {

const TokenExpectation kExpected = {.issuer = "https://id.example",
                                    .client_id = "penstock",
                                    .nonce = "n-0S6",
                                    .now = {1'700'000'000'000'000}};

Result<Json> verify(std::string_view token, const TokenExpectation& expected = kExpected) {
  KeySet keys = KeySet::parse(kKeySet).value();
  ASSIGN_OR_RETURN(TokenHeader header, read_token_header(token));
  const PublicKey* key = keys.find(header.key_id, header.kind);
  if (key == nullptr) return Failure(Error::not_found("no such key"));
  return verify_id_token(token, *key, expected);
}

TEST(IdToken, BothSignaturesVerify) {
  for (std::string_view token : {kRs256Token, kEs256Token}) {
    auto claims = verify(token);
    ASSERT_TRUE(claims) << claims.error().message;
    EXPECT_EQ(string_at(*claims, "sub"), "248289761001");
  }
}

TEST(IdToken, AChangedByteAnywhereIsRefused) {
  for (std::string_view token : {kRs256Token, kEs256Token}) {
    for (size_t i = 0; i < token.size(); ++i) {
      std::string changed(token);
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      EXPECT_FALSE(verify(changed)) << i;
    }
  }
}

TEST(IdToken, EachClaimIsChecked) {
  for (const auto& [what, token] : kWrongTokens) {
    auto refused = verify(token);
    ASSERT_FALSE(refused) << what;
    EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated) << what;
    EXPECT_FALSE(refused.error().message.contains(token)) << what;
  }
  for (const auto& [what, token] : kRightTokens) EXPECT_TRUE(verify(token)) << what;
}

TEST(IdToken, ALoginWithoutANonceAcceptsNothing) {
  TokenExpectation expected = kExpected;
  expected.nonce.clear();
  EXPECT_FALSE(verify(kRs256Token, expected));
}

TEST(IdToken, OtherAlgorithmsKeysAndExtensionsAreRefused) {
  EXPECT_FALSE(read_token_header(kUnsignedToken)) << "alg none";
  EXPECT_FALSE(read_token_header(kHmacToken)) << "a secret made of a public key";
  EXPECT_FALSE(read_token_header(kCriticalToken));
  EXPECT_FALSE(verify(kOtherKeysToken)) << "signed by another key than it names";
  for (const char* malformed : {"", "a", "a.b", "a.b.c.d", "..", "!.!.!"})
    EXPECT_FALSE(read_token_header(malformed));
}

TEST(IdToken, AKeyOfTheOtherKindVerifiesNothing) {
  KeySet keys = KeySet::parse(kKeySet).value();
  const PublicKey* rsa = keys.find("r1", SignatureKind::kRs256);
  const PublicKey* curve = keys.find("e1", SignatureKind::kEs256);
  ASSERT_NE(rsa, nullptr);
  ASSERT_NE(curve, nullptr);
  EXPECT_FALSE(verify_id_token(kEs256Token, *rsa, kExpected));
  EXPECT_FALSE(verify_id_token(kRs256Token, *curve, kExpected));
}

TEST(KeySet, FindsByIdAndKindAndPassesOthersOver) {
  KeySet keys = KeySet::parse(kKeySet).value();
  EXPECT_EQ(keys.find("enc", SignatureKind::kRs256), nullptr) << "for encryption";
  EXPECT_EQ(keys.find("o1", SignatureKind::kRs256), nullptr);
  EXPECT_EQ(keys.find("r1", SignatureKind::kEs256), nullptr);
  EXPECT_NE(keys.find("", SignatureKind::kRs256), nullptr) << "the only one of its kind";
  EXPECT_FALSE(KeySet::parse("[]"));
  EXPECT_FALSE(KeySet::parse("{"));
  EXPECT_EQ(
      KeySet::parse(R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]})")->find("", SignatureKind::kRs256),
      nullptr)
      << "a key of 24 bits";
}

TEST(Base64url, IsStrict) {
  EXPECT_EQ(decode_base64url("_-8"), "\xff\xef");
  EXPECT_EQ(decode_base64url(""), "");
  for (const char* wrong : {"A", "AA==", "A+", "A/", "AB", "A A"})
    EXPECT_FALSE(decode_base64url(wrong)) << wrong;
  EXPECT_EQ(base64url(std::as_bytes(std::span("\xff\xef", 2))), "_-8");
  EXPECT_EQ(percent_encode("a b&c=\xc3\xa4~"), "a%20b%26c%3D%C3%A4~");
}

}  // namespace
}  // namespace penstock::access
