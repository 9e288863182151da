#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>

#include "core/temporary_directory.h"
#include "http/client.h"
#include "http/test_peer.h"

namespace penstock::http {
namespace {

using testing::HasSubstr;

// A certificate for localhost and 127.0.0.1 that vouches for itself.
TlsFiles make_certificate(const std::filesystem::path& directory, const std::string& name) {
  TlsFiles files{.certificate = directory / (name + ".pem"), .key = directory / (name + ".key")};
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  const auto* common_name = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, common_name, -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  X509_add_ext(certificate, names, -1);
  X509_sign(certificate, key, EVP_sha256());
  std::FILE* file = std::fopen(files.certificate.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(files.key.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_EXTENSION_free(names);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

Task<> echo(Request& request, ResponseStream& out) {
  EXPECT_TRUE(request.encrypted);
  if (request.path == "/stream") {
    co_await out.start({});
    for (int i = 0; i < 3; ++i) co_await out.write("piece " + std::to_string(i) + "\n");
    co_await out.finish();
    co_return;
  }
  co_await out.send(Response::text(200, request.body));
}

Task<Result<std::string>> fetch(HttpClient& client, Endpoint endpoint, HttpCall call) {
  ASSIGN_OR_CO_RETURN(auto answer, co_await client.send(endpoint, std::move(call)));
  co_return co_await read_all(*answer, 64 << 20);
}

class TlsTest : public testing::Test {
 protected:
  Result<std::string> call(std::string host, HttpCall call, const std::string& authorities) {
    ClientOptions options{.certificate_authorities = authorities};
    auto client = make_client(*loops_, options);
    return run_on(*loops_,
                  fetch(*client, Endpoint::parse("https://" + host + port_).value(), std::move(call)));
  }

  TemporaryDirectory directory_;
  TlsFiles files_ = make_certificate(directory_.path(), "one");
  std::unique_ptr<EventLoops> loops_ = test_loops();
  std::unique_ptr<Server> server_ = Server::create(*loops_, {}, echo).value();
  std::string address_ = server_->listen("127.0.0.1:0", files_).value();
  std::string port_ = address_.substr(address_.find(':'));
};

TEST_F(TlsTest, CarriesCallsBothWays) {
  std::string body(3'000'000, 'x');
  for (std::string host : {"localhost", "127.0.0.1"}) {
    auto small = call(host, {.method = "POST", .body = "hi"}, files_.certificate);
    ASSERT_TRUE(small) << small.error().message;
    EXPECT_EQ(*small, "hi");
    EXPECT_EQ(call(host, {.method = "POST", .body = body}, files_.certificate).value(), body);
    EXPECT_EQ(call(host, {.target = "/stream"}, files_.certificate).value(), "piece 0\npiece 1\npiece 2\n");
  }
}

TEST_F(TlsTest, KeepsConnectionsForTheNextCall) {
  auto client = make_client(*loops_, {.certificate_authorities = files_.certificate});
  for (int i = 0; i < 3; ++i) {
    HttpCall call{.method = "POST", .body = "again"};
    auto outcome =
        run_on(*loops_, fetch(*client, Endpoint::parse("https://localhost" + port_).value(), call));
    EXPECT_EQ(outcome.value(), "again");
  }
  EXPECT_EQ(server_->stats().connections_total, 1);
}

TEST_F(TlsTest, RefusesCertificatesThatNobodyVouchesFor) {
  auto outcome = call("localhost", {}, "");
  EXPECT_EQ(outcome.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(outcome.error().message, HasSubstr("certificate verify failed"));
  TlsFiles other = make_certificate(directory_.path(), "two");
  EXPECT_EQ(call("localhost", {}, other.certificate).error().code, ErrorCode::kUnavailable);
}

TEST_F(TlsTest, RefusesACertificateOfAnotherHost) {
  EXPECT_EQ(call("127.0.0.2", {}, files_.certificate).error().code, ErrorCode::kUnavailable);
}

TEST_F(TlsTest, NamesTheFileThatCannotBeUsed) {
  auto missing = server_->listen("127.0.0.1:0", TlsFiles{.certificate = "/nowhere.pem", .key = files_.key});
  EXPECT_EQ(missing.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(missing.error().message, HasSubstr("/nowhere.pem"));
  TlsFiles other = make_certificate(directory_.path(), "two");
  auto mixed = server_->listen("127.0.0.1:0", TlsFiles{.certificate = files_.certificate, .key = other.key});
  EXPECT_EQ(mixed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(call("localhost", {}, "/nowhere.pem").error().code, ErrorCode::kInvalidArgument);
}

TEST_F(TlsTest, GivesUpOnPlainTextAndOnSilence) {
  RawPeer plain = RawPeer::to(address_);
  plain.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(status_of(plain.read_to_end()), 0);
  ServerOptions hasty;
  hasty.timeouts.header_ms = 40;
  auto server = Server::create(*loops_, hasty, echo).value();
  RawPeer silent = RawPeer::to(server->listen("127.0.0.1:0", files_).value());
  EXPECT_EQ(silent.read_to_end(), "");
}

}  // namespace
}  // namespace penstock::http
