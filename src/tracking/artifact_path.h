#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace penstock::tracking {

// The root of all artifacts, as MLflow's clients write it: "mlflow-artifacts:/0/<run>/artifacts" stands for
// the path "0/<run>/artifacts".
inline constexpr std::string_view kArtifactScheme = "mlflow-artifacts:";

inline constexpr size_t kArtifactPathBytesMax = 1024;

// `text` as an artifact's path below the root: segments with '/' between them. kInvalidArgument ("Invalid
// path") for anything that some reader could take for a path elsewhere, also when it decodes %XX once more or
// several times: a ".." segment, a leading '/', '\', a drive, "file:", '#', a control character. Empty and
// "." segments are left out.
Result<std::string> artifact_path(std::string_view text);

// The path that an "mlflow-artifacts:" URI stands for (with or without host); kNotImplemented for a URI of
// another scheme, whose bytes are not here.
Result<std::string> artifact_path_of(std::string_view uri);

// "a" and "b/c" make "a/b/c"; an empty one leaves the other.
std::string join_path(std::string_view parent, std::string_view child);

}  // namespace penstock::tracking
