#pragma once

#include "access/basic_login.h"
#include "access/directory.h"
#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"

namespace penstock::app {

// Stands before every route: puts who calls into Request::principal, or refuses. What routes of the native
// API and of MLflow's contract need beyond that, each asks itself; everything else but /metrics is for those
// who may call models.
//
// A browser's session may change something only from a page of this very server: it must say so in Origin
// (whose truth the server has checked) or Sec-Fetch-Site, which other sites cannot forge.
Result<void> guard(const access::Directory& directory, Request& request);

// Where the guard has refused: a user's name and password in `Authorization: Basic` may do instead.
Task<Result<void>> password_guard(const access::Directory& directory, access::BasicLogin& login,
                                  Request& request, Error refused);

}  // namespace penstock::app
