#pragma once

#include <map>
#include <memory>
#include <string>

#include "datasets/dvc/environment.h"
#include "datasets/dvc/remote.h"

namespace penstock::datasets::dvc {

// A remote behind plain HTTP: objects are got with GET, asked for with HEAD and sent with the method that the
// option `method` names (POST). It can't be listed, so gc can't clean it. Options: auth (basic, custom),
// user, password, custom_auth_header, method.
Result<std::unique_ptr<Remote>> make_http_remote(const Environment& environment, std::string name,
                                                 const std::map<std::string, std::string>& options,
                                                 size_t jobs);

// GET of any URL, redirects followed, its body to the sink.
Result<HttpReply> http_get(BlockingHttp& http, const std::string& url, const Headers& headers,
                           const BlockingHttp::Sink& sink);
Result<HttpReply> http_head(BlockingHttp& http, const std::string& url, const Headers& headers);

}  // namespace penstock::datasets::dvc
