#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server.h"
#include "http/test_peer.h"

namespace penstock::http {
namespace {

using namespace std::string_literals;

struct Case {
  std::string name;
  std::string request;
};

const std::string kStart = "GET / HTTP/1.1\r\n";
const std::string kHost = "Host: localhost\r\n";
const std::string kPost = "POST / HTTP/1.1\r\nHost: localhost\r\n";

// What two readers could take for different requests: refused, and the connection ends.
const std::vector<Case> kRefused = {
    {"both lengths", kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"both lengths, other order", kPost + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
    {"different lengths", kPost + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
    {"the same length twice", kPost + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
    {"a list of lengths", kPost + "Content-Length: 5, 5\r\n\r\nhello"},
    {"a signed length", kPost + "Content-Length: +5\r\n\r\nhello"},
    {"a negative length", kPost + "Content-Length: -5\r\n\r\nhello"},
    {"a hexadecimal length", kPost + "Content-Length: 0x5\r\n\r\nhello"},
    {"an empty length", kPost + "Content-Length: \r\n\r\nhello"},
    {"a length beyond 64 bits", kPost + "Content-Length: 18446744073709551621\r\n\r\nhello"},
    {"a length with a space inside", kPost + "Content-Length: 1 0\r\n\r\nhello12345"},
    {"an unknown coding", kPost + "Transfer-Encoding: gzip\r\n\r\n"},
    {"a coding before chunked", kPost + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
    {"chunked not last", kPost + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
    {"chunked twice", kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"chunked twice in one field", kPost + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
    {"a disguised chunked", kPost + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
    {"a quoted chunked", kPost + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"},
    {"a vertical tab before chunked", kPost + "Transfer-Encoding: \x0b"
                                              "chunked\r\n\r\n0\r\n\r\n"},
    {"an empty coding", kPost + "Transfer-Encoding:\r\n\r\n"},
    {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"space before the colon", kPost + "Content-Length : 5\r\n\r\nhello"},
    {"tab before the colon", kPost + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"},
    {"space before a name", kStart + " Host: localhost\r\n\r\n"},
    {"a folded value", kPost + "X: a\r\n b\r\n\r\n"},
    {"a value that is all fold", kPost + "X:\r\n b\r\n\r\n"},
    {"a folded coding", kPost + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"},
    {"a fold of nothing", kPost + "X: a\r\n \r\n\r\n"},
    {"a folded first field", kStart + "\tX: y\r\n" + kHost + "\r\n"},
    {"bare LF after the request line", "GET / HTTP/1.1\nHost: localhost\r\n\r\n"},
    {"bare LF after a field", kStart + "Host: localhost\n\r\n"},
    {"bare LF throughout", "GET / HTTP/1.1\nHost: localhost\n\n"},
    {"bare LF inside a value", kPost + "X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"bare CR inside a value", kPost + "X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"NUL in a value", kPost + "X: a\0b\r\n\r\n"s},
    {"NUL in a name", kPost + "X\0: a\r\n\r\n"s},
    {"NUL in the target", "GET /a\0b HTTP/1.1\r\n"s + kHost + "\r\n"},
    {"a name with a character of no token", kPost + "Content\x80Length: 5\r\n\r\n"},
    {"a name that is empty", kPost + ": 5\r\n\r\n"},
    {"a line without a colon", kPost + "Nonsense\r\n\r\n"},
    {"no Host", kStart + "\r\n"},
    {"Host twice", kStart + kHost + kHost + "\r\n"},
    {"an empty Host", kStart + "Host: \r\n\r\n"},
    {"a Host with a path", kStart + "Host: localhost/x\r\n\r\n"},
    {"a Host with a user", kStart + "Host: a@localhost\r\n\r\n"},
    {"a Host with two ports", kStart + "Host: localhost:1:2\r\n\r\n"},
    {"a Host that is a list", kStart + "Host: localhost, evil\r\n\r\n"},
    {"a target of another host", "GET http://evil/ HTTP/1.1\r\n" + kHost + "\r\n"},
    {"two spaces in the request line", "GET  / HTTP/1.1\r\n" + kHost + "\r\n"},
    {"a tab in the request line", "GET\t/ HTTP/1.1\r\n" + kHost + "\r\n"},
    {"a space in the target", "GET /a b HTTP/1.1\r\n" + kHost + "\r\n"},
    {"text after the version", "GET / HTTP/1.1 \r\n" + kHost + "\r\n"},
    {"no version", "GET /\r\n" + kHost + "\r\n"},
    {"HTTP/0.9", "GET /\r\n\r\n"},
    {"HTTP/2.0", "GET / HTTP/2.0\r\n" + kHost + "\r\n"},
    {"HTTP/1.2", "GET / HTTP/1.2\r\n" + kHost + "\r\n"},
    {"a lower-case version", "GET / http/1.1\r\n" + kHost + "\r\n"},
    {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    {"a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s},
    {"a method that is no token", "GE(T / HTTP/1.1\r\n" + kHost + "\r\n"},
    {"an empty method", " / HTTP/1.1\r\n" + kHost + "\r\n"},
    {"a target without a slash", "GET x HTTP/1.1\r\n" + kHost + "\r\n"},
    {"an asterisk for GET", "GET * HTTP/1.1\r\n" + kHost + "\r\n"},
    {"CONNECT", "CONNECT localhost:1 HTTP/1.1\r\n" + kHost + "\r\n"},
    {"a fragment", "GET /#x HTTP/1.1\r\n" + kHost + "\r\n"},
    {"a dot segment", "GET /a/../b HTTP/1.1\r\n" + kHost + "\r\n"},
    {"an encoded dot segment", "GET /a/%2e%2E/b HTTP/1.1\r\n" + kHost + "\r\n"},
    {"a last dot segment", "GET /a/.. HTTP/1.1\r\n" + kHost + "\r\n"},
    {"a single dot segment", "GET /./a HTTP/1.1\r\n" + kHost + "\r\n"},
    {"an encoded NUL", "GET /%00 HTTP/1.1\r\n" + kHost + "\r\n"},
    {"an encoded line end", "GET /%0d%0aX:y HTTP/1.1\r\n" + kHost + "\r\n"},
    {"a percent sign alone", "GET /% HTTP/1.1\r\n" + kHost + "\r\n"},
    {"a percent sign with one digit", "GET /%4 HTTP/1.1\r\n" + kHost + "\r\n"},
    {"a percent sign with letters", "GET /%zz HTTP/1.1\r\n" + kHost + "\r\n"},
    {"a path that is not UTF-8", "GET /%ff HTTP/1.1\r\n" + kHost + "\r\n"},
    {"raw bytes above ASCII in the target", "GET /\xc3\xa9 HTTP/1.1\r\n" + kHost + "\r\n"},
    {"a chunk size that is no number", kPost + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"},
    {"an empty chunk size", kPost + "Transfer-Encoding: chunked\r\n\r\n\r\n"},
    {"a signed chunk size", kPost + "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n"},
    {"a prefixed chunk size", kPost + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n"},
    {"a chunk size beyond 64 bits",
     kPost + "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n"},
    {"a chunk longer than its size", kPost + "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n"},
    {"a chunk size ended by bare LF", kPost + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"},
    {"a chunk ended by bare LF", kPost + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n"},
    {"bare LF in a chunk extension",
     kPost + "Transfer-Encoding: chunked\r\n\r\n5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"},
    {"bare LF in the last chunk's extension", kPost + "Transfer-Encoding: chunked\r\n\r\n0;a=\"\n\"\r\n\r\n"},
    {"bare CR in a chunk extension",
     kPost + "Transfer-Encoding: chunked\r\n\r\n5;a\rb\r\nhello\r\n0\r\n\r\n"},
    {"a space before a chunk size", kPost + "Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n"},
    {"a folded trailer", kPost + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: a\r\n b\r\n\r\n"},
    {"a length in the trailer", kPost + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n"},
};

const std::vector<Case> kTaken = {
    {"plain", kStart + kHost + "\r\n"},
    {"an empty line before", "\r\n" + kStart + kHost + "\r\n"},
    {"an absolute target", "GET http://localhost/ HTTP/1.1\r\n" + kHost + "\r\n"},
    {"an absolute target without a path", "GET http://localhost?x=1 HTTP/1.1\r\n" + kHost + "\r\n"},
    {"an IPv6 host", kStart + "Host: [::1]:8080\r\n\r\n"},
    {"upper-case chunk digits", kPost + "Transfer-Encoding: CHUNKED\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n"},
    {"leading zeros in a chunk size",
     kPost + "Transfer-Encoding: chunked\r\n\r\n0005\r\nhello\r\n000\r\n\r\n"},
    {"a chunk extension", kPost + "Transfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d\"\r\nhello\r\n0\r\n\r\n"},
    {"no space after the colon", kStart + "Host:localhost\r\n\r\n"},
    {"spaces around a value", kStart + "Host: \t localhost \t \r\n\r\n"},
    {"an empty value", kStart + kHost + "X:\r\n\r\n"},
    {"a value above ASCII", kStart + kHost + "X: \xc3\xa9\r\n\r\n"},
    {"dots that are no dot segment", "GET /..a/b../.../.c HTTP/1.1\r\n" + kHost + "\r\n"},
    {"UTF-8 in percent signs", "GET /%C3%A9 HTTP/1.1\r\n" + kHost + "\r\n"},
    {"OPTIONS of everything", "OPTIONS * HTTP/1.1\r\n" + kHost + "\r\n"},
};

Task<> answer(Request& /*request*/, ResponseStream& out) { co_await out.send(Response::text(200, "taken")); }

class SmugglingTest : public testing::Test {
 protected:
  // The statuses of all answers to `request` and a harmless one behind it.
  std::vector<int> statuses(const std::string& request) {
    RawPeer client = RawPeer::to(address_);
    client.send(request + "GET /behind HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client.half_close();
    std::vector<int> found;
    while (int status = status_of(client.read_answer())) found.push_back(status);
    return found;
  }

  std::unique_ptr<EventLoops> loops_ = test_loops();
  std::unique_ptr<Server> server_ = Server::create(*loops_, {}, answer).value();
  std::string address_ = server_->listen("127.0.0.1:0").value();
};

TEST_F(SmugglingTest, WhatReadersCouldUnderstandDifferentlyIsRefusedAndEndsTheConnection) {
  for (const Case& row : kRefused) {
    EXPECT_THAT(statuses(row.request), testing::ElementsAre(400)) << row.name;
  }
  EXPECT_EQ(server_->stats().requests_total, 0);
}

TEST_F(SmugglingTest, WhatIsUnusualButClearIsTaken) {
  for (const Case& row : kTaken) {
    EXPECT_THAT(statuses(row.request), testing::ElementsAre(200, 200)) << row.name;
  }
}

}  // namespace
}  // namespace penstock::http
