#include "datasets/dvc/download.h"

#include <fmt/format.h>

#include "core/text.h"
#include "datasets/dvc/whole_file.h"

namespace penstock::datasets::dvc {

Result<void> download_object(ObjectCache& cache, std::string_view id, HashKind kind, std::string_view source,
                             const std::function<Result<void>(const BlockingHttp::Sink&)>& get) {
  RETURN_IF_ERROR(cache.prepare(id, kind));
  ASSIGN_OR_RETURN(WholeFile file, WholeFile::create(cache.path_of(id, kind), 0600));
  Md5Hasher hasher;
  RETURN_IF_ERROR(get([&](std::string_view piece) -> Result<void> {
    hasher.update(std::as_bytes(std::span(piece)));
    return file.write(piece);
  }));
  std::string md5 = hex(hasher.finish());
  if (md5 != id.substr(0, 32) && kind == HashKind::kDos2Unix && !is_directory_id(id)) {
    ASSIGN_OR_RETURN(Md5 legacy, hash_file(fmt::format("/proc/self/fd/{}", file.fd()), kind));
    md5 = hex(legacy);
  }
  if (md5 != id.substr(0, 32)) {
    return Failure(
        Error{.code = ErrorCode::kCorrupt,
              .message = fmt::format("{} does not hold what its name says (its MD5 is {}): delete it there "
                                     "and push it again",
                                     source, md5)});
  }
  RETURN_IF_ERROR(file.set_mode(0444));
  return file.publish(WholeFile::Existing::kKeep);
}

}  // namespace penstock::datasets::dvc
