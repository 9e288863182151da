#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"
#include "tracking/artifacts.h"

namespace penstock::api::mlflow {

// What a Range header asks of a file of `size` bytes (RFC 9110 §14.2): nullopt for all of it, also where the
// header is malformed, of another unit or asks for several parts, which may be ignored. An empty part (its
// size is 0): nothing of it is there, answered 416.
std::optional<tracking::ByteRange> requested_range(std::string_view header, int64_t size);

// The type by which a file is sent: text for what is text in MLflow's eyes (code, YAML, JSON and CSV as well,
// so that no browser runs anything of it), else by its extension.
std::string_view content_type_of(std::string_view path);

// "attachment; filename=..." (RFC 6266), with an ASCII and, where needed, an encoded name.
std::string attachment(std::string_view path);

// Sends a file, or the part of it that `request` asks for: 200, 206, 304 (If-None-Match) or 416. Only the
// head for HEAD.
Task<Result<void>> send_artifact(tracking::Artifacts& artifacts, std::string path, const Request& request,
                                 ResponseStream& out);

}  // namespace penstock::api::mlflow
