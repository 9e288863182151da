#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace penstock::datasets::dvc {

// How a file of the work tree and its object share bytes, as `cache.type` names them.
enum class LinkType : uint8_t { kReflink, kHardlink, kSymlink, kCopy };

// "reflink,copy" and the like; kInvalidArgument names the unknown word.
Result<std::vector<LinkType>> parse_link_types(std::string_view text);

// Puts `object`'s content at `path`, whose folder exists, by the first of `types` that works here. A file
// that is there is replaced in one step. Copies and reflinks are new files of mode 0666 less the umask.
Result<void> link_object(const std::filesystem::path& object, const std::filesystem::path& path,
                         const std::vector<LinkType>& types);

// Copies by reflink where the file system can, else by bytes. `mode` is set exactly.
Result<void> copy_file_whole(const std::filesystem::path& from, const std::filesystem::path& to, mode_t mode);

// Shares `from`'s blocks with the empty file `to`; false where the file system cannot.
bool clone_content(int from, int to);

mode_t current_umask();

}  // namespace penstock::datasets::dvc
