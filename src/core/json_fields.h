#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace penstock {

// The members of one JSON object as slices of its text, found without building a document: for bodies that
// are forwarded byte for byte and of which only a few fields are needed, and for patching those in place.
//
// Shape: `parse` checks the whole text (RFC 8259, UTF-8, depth, no trailing bytes), then keeps for each
// top-level member its name and the raw text of its value. About 2 µs for a 4 KB chat request. Views point
// into `text`, which must outlive the object. Thread rule: any thread; the parser's memory is per thread.
class JsonFields {
 public:
  // `name` tells errors whose text it is, e.g. "request body". Not an object: kInvalidArgument.
  static Result<JsonFields> parse(std::string_view text, std::string_view name);

  // The same without the check, for an object that was part of a checked text.
  static Result<JsonFields> of_valid(std::string_view text);

  // Raw JSON text of a member (the last one if repeated); empty if absent.
  std::string_view raw(std::string_view key) const;
  bool has(std::string_view key) const { return !raw(key).empty(); }
  bool is_null(std::string_view key) const { return raw(key) == "null"; }
  // How often a member stands there. JSON leaves open which one counts, so what decides something must stand
  // once.
  size_t count(std::string_view key) const;

  // Typed reads. Absent or null: nullopt. Present with another type: kInvalidArgument naming the field.
  Result<std::optional<std::string>> string(std::string_view key) const;
  Result<std::optional<bool>> boolean(std::string_view key) const;
  Result<std::optional<int64_t>> integer(std::string_view key) const;
  Result<std::optional<double>> number(std::string_view key) const;
  // Members of an object member, as slices.
  Result<std::optional<JsonFields>> object(std::string_view key) const;

  struct Member {
    std::string name;
    std::string_view raw;
  };
  const std::vector<Member>& members() const { return members_; }

 private:
  std::vector<Member> members_;
};

// The elements of a JSON array as slices of its text. `text` must be valid JSON (a slice from JsonFields is).
Result<std::vector<std::string_view>> json_elements(std::string_view text);

// The text of a JSON string without quotes and escapes. `raw` must be a valid JSON string.
Result<std::string> json_unquote(std::string_view raw);

// `body` (an object) with the value of top-level member `key` replaced by `raw`, or added at the end if
// absent. `fields` must have been parsed from `body`.
std::string json_with(std::string_view body, const JsonFields& fields, std::string_view key,
                      std::string_view raw);

}  // namespace penstock
