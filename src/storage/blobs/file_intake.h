#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "core/file.h"
#include "storage/blobs/blob_layout.h"
#include "storage/blobs/blobs.h"

namespace penstock::blobs {

using Sink = std::function<Result<void>(std::span<const std::byte>)>;

// Reads an open file from its beginning to its end.
Result<void> read_through(int fd, const std::filesystem::path& path, FileCalls& calls, const Sink& sink);

// Blobs::put_file.
Result<BlobInfo> take_in(const std::shared_ptr<const BlobLayout>& layout,
                         const std::filesystem::path& source);

}  // namespace penstock::blobs
