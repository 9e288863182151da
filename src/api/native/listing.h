#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "access/audit.h"
#include "api/native/call.h"
#include "core/result.h"

namespace penstock::api::native {

inline constexpr int64_t kListPageMax = 200;

// A part of a list that is in memory as a whole.
template <class T>
struct ListPage {
  std::vector<T> items;
  std::string next_cursor;  // the id of the last item; empty: there is no more
};

// The page that `limit` and `cursor` of the query ask for. kInvalidArgument if the cursor names nothing (any
// more).
template <class T, class IdOf>
Result<ListPage<T>> page_of(const Query& query, const std::vector<T>& all, IdOf id_of) {
  auto limit = static_cast<size_t>(query.integer("limit").value_or(50));
  std::string cursor = query.text("cursor");
  size_t from = 0;
  if (!cursor.empty()) {
    auto last = std::ranges::find_if(all, [&](const T& item) { return id_of(item) == cursor; });
    if (last == all.end()) {
      return Failure(Error::invalid("cursor", "'cursor' must be the next_cursor of an earlier page"));
    }
    from = static_cast<size_t>(last - all.begin()) + 1;
  }
  size_t until = std::min(all.size(), from + limit);
  ListPage<T> page{.items = std::vector<T>(all.begin() + from, all.begin() + until)};
  if (until < all.size() && !page.items.empty()) page.next_cursor = id_of(page.items.back());
  return page;
}

// Who made `call`, for the audit journal.
inline access::Actor actor_of(const Call& call) {
  access::Actor actor{.request_id = call.request_id};
  if (call.principal == nullptr) return actor;
  actor.id = call.principal->id;
  actor.name = call.principal->name;
  return actor;
}

}  // namespace penstock::api::native
