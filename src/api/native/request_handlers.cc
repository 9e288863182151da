#include <string>
#include <utility>

#include "api/native/handlers.h"
#include "api/native/render.h"

namespace penstock::api::native {
namespace {

using observability::Outcome;
using observability::RequestFilter;
using observability::RequestQuery;

std::optional<Timestamp> time_of(const Query& query, std::string_view name) {
  auto us = query.integer(name);
  return us ? std::optional(Timestamp{*us}) : std::nullopt;
}

RequestFilter filter_of(const Query& query) {
  RequestFilter filter;
  filter.model = query.text("model");
  filter.upstream = query.text("upstream");
  filter.feature = query.text("feature");
  filter.user = query.text("user");
  filter.text = query.text("q");
  filter.since = time_of(query, "since_us");
  filter.until = time_of(query, "until_us");
  std::string status = query.text("status");
  if (status == "ok") filter.outcome = Outcome::kOk;
  if (status == "error") filter.outcome = Outcome::kError;
  if (status == "cancelled") filter.outcome = Outcome::kCancelled;
  return filter;
}

// The key that a caller without the right to everybody's requests is limited to; empty: no limit.
std::string own_key(const Call& call) {
  if (call.may(access::Capability::kReadRequests)) return {};
  return call.principal->key == nullptr ? "nobody" : call.principal->key->id;
}

}  // namespace

Task<Result<Response>> get_stats(const NativeServices& services, const Call& call) {
  int64_t window_s = call.query.integer("window_s").value_or(0);
  auto read = [&services, window_s]() -> Result<std::string> {
    return stats_json(services.stats.summary(window_s));
  };
  ASSIGN_OR_CO_RETURN(std::string body, co_await services.pool.run(std::move(read)));
  co_return Response::json(200, std::move(body));
}

Task<Result<Response>> list_requests(const NativeServices& services, const Call& call) {
  RequestQuery wanted;
  wanted.filter = filter_of(call.query);
  wanted.filter.key_id = own_key(call);
  wanted.limit = call.query.integer("limit").value_or(wanted.limit);
  wanted.cursor = call.query.text("cursor");
  auto read = [&services, wanted = std::move(wanted)]() -> Result<std::string> {
    ASSIGN_OR_RETURN(auto page, services.log.list(wanted));
    return request_page_json(page);
  };
  ASSIGN_OR_CO_RETURN(std::string body, co_await services.pool.run(std::move(read)));
  co_return Response::json(200, std::move(body));
}

Task<Result<Response>> get_request(const NativeServices& services, const Call& call) {
  auto id = Uuid::parse(call.request.param("id"));
  if (!id) co_return Failure(Error::not_found("no request has this id; ids are UUIDs"));
  auto read = [&services, id = *id, key = own_key(call)]() -> Result<std::string> {
    ASSIGN_OR_RETURN(auto record, services.log.get(id));
    if (!key.empty() && record.key_id != key) return Failure(Error::not_found("no request has this id"));
    return request_detail_json(record);
  };
  ASSIGN_OR_CO_RETURN(std::string body, co_await services.pool.run(std::move(read)));
  co_return Response::json(200, std::move(body));
}

}  // namespace penstock::api::native
