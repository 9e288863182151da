#pragma once

#include <string>

#include "core/blocking_pool.h"
#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"
#include "storage/blobs/blobs.h"

namespace penstock::tracking {

// Takes `first` and then the rest of `body` into the blobs. While one piece is hashed and written on the
// pool, the next is read. Whatever fails leaves nothing. All of the references outlive it.
Task<Result<blobs::BlobInfo>> upload_blob(BodyStream& body, std::string first, blobs::Blobs& blobs,
                                          BlockingPool& pool, blobs::Sync sync);

}  // namespace penstock::tracking
