#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "datasets/dvc/blocking_http.h"
#include "datasets/dvc/object_cache.h"

namespace penstock::datasets::dvc {

// Puts what `get` brings into the cache as an object, once its MD5 is what the id says; kCorrupt, which names
// `source`, if it is not. DVC 2's objects of text can't be told by their bytes and are hashed as it did.
Result<void> download_object(ObjectCache& cache, std::string_view id, HashKind kind, std::string_view source,
                             const std::function<Result<void>(const BlockingHttp::Sink&)>& get);

}  // namespace penstock::datasets::dvc
