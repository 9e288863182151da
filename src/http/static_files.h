#pragma once

#include <span>
#include <string_view>

#include "core/http_message.h"

namespace penstock::http {

// A file embedded in the binary. Views live as long as the program.
struct StaticFile {
  std::string_view path;          // "/assets/app-3f2a.js"
  std::string_view content_type;  // "text/javascript; charset=utf-8"
  std::string_view etag;          // with quotes: "\"3f2a\""
  std::string_view raw;
  std::string_view gzip;   // the same compressed; empty if that does not pay
  bool immutable = false;  // its name changes with its content: cached for a year
};

// Answers GET and HEAD of `files`, which must be sorted by path: If-None-Match with 304, gzip where
// Accept-Encoding admits it, and the headers of a locked-down page (content security policy, nosniff). "/"
// and every unknown path whose last segment has no '.' get "/index.html" (the UI's own routes); other unknown
// paths 404, other methods 405.
Task<> serve_static(std::span<const StaticFile> files, Request& request, ResponseStream& out);

}  // namespace penstock::http
