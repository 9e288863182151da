#include "http/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>

namespace penstock::http {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

constexpr unsigned char kAlpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// Picks http/1.1 where offered; a client that offers only others goes on without ALPN and fails by itself.
int choose_alpn(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_length,
                const unsigned char* offered, unsigned int offered_length, void* /*context*/) {
  unsigned char* chosen = nullptr;
  int found = SSL_select_next_proto(&chosen, out_length, kAlpn, sizeof kAlpn, offered, offered_length);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

TlsContext new_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  // A write that the kernel does not take at once is continued from a buffer that may have moved.
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

Error unusable(std::string_view field, const std::string& file, const error_code& why) {
  return Error::invalid(std::string(field), "'" + file + "' can't be used: " + why.message());
}

}  // namespace

Result<TlsContext> server_tls(const TlsFiles& files) {
  TlsContext context = new_context(ssl::context::tls_server);
  error_code failure;
  context->use_certificate_chain_file(files.certificate, failure);
  if (failure) return Failure(unusable("tls.certificate", files.certificate, failure));
  context->use_private_key_file(files.key, ssl::context::pem, failure);
  if (failure) return Failure(unusable("tls.key", files.key, failure));
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return Failure(
        Error::invalid("tls.key", "'" + files.key + "' is not the key of '" + files.certificate + "'"));
  }
  SSL_CTX_set_alpn_select_cb(context->native_handle(), choose_alpn, nullptr);
  return context;
}

Result<TlsContext> client_tls(const std::string& authorities) {
  TlsContext context = new_context(ssl::context::tls_client);
  context->set_verify_mode(ssl::verify_peer);
  error_code failure;
  if (authorities.empty()) {
    context->set_default_verify_paths(failure);
  } else {
    context->load_verify_file(authorities, failure);
  }
  if (failure) return Failure(unusable("certificate_authorities", authorities, failure));
  SSL_CTX_set_alpn_protos(context->native_handle(), kAlpn, sizeof kAlpn);
  return context;
}

Result<void> TlsSession::expect_host(const std::string& host) {
  SSL* session = stream.native_handle();
  error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  bool accepted = false;
  if (not_an_address) {
    SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    accepted =
        SSL_set_tlsext_host_name(session, host.c_str()) == 1 && SSL_set1_host(session, host.c_str()) == 1;
  } else {
    accepted = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
  }
  if (!accepted) return Failure(Error::invalid("url", "'" + host + "' is no host name that TLS can verify"));
  return {};
}

}  // namespace penstock::http
