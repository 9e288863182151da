#include <algorithm>
#include <string>
#include <utility>

#include "access/documents.h"
#include "access/keys.h"
#include "api/native/access_body.h"
#include "api/native/access_handlers.h"
#include "api/native/listing.h"
#include "core/json_writer.h"

namespace penstock::api::native {
namespace {

using access::Group;

void take_group(const Json& body, Group& group) {
  if (const Json* description = find(body, "description")) group.description = text_in(*description);
  take_shared(body, group);
}

}  // namespace

Task<Result<Response>> list_groups(const NativeServices&, const Call& call) {
  std::string below = call.query.text("below");
  std::vector<const Group*> found;
  for (const Group& group : call.snapshot->data().groups) {
    if (below.empty() || group.path == below || group.path.starts_with(below + "/")) found.push_back(&group);
  }
  std::ranges::sort(found, {}, [](const Group* group) { return std::string_view(group->path); });
  ASSIGN_OR_CO_RETURN(auto page, page_of(call.query, found, [](const Group* group) { return group->path; }));
  JsonWriter json;
  json.begin_object().key("groups").begin_array();
  for (const Group* group : page.items) access::write_group(json, *group);
  json.end_array().optional_field("next_cursor", page.next_cursor).end_object();
  co_return Response::json(200, json.take());
}

Task<Result<Response>> get_group(const NativeServices&, const Call& call) {
  std::string path(call.request.param("path"));
  const Group* group = call.snapshot->group(path);
  if (group == nullptr) co_return Failure(Error::not_found("no group is named '" + path + "'"));
  co_return Response::json(200, access::document(*group));
}

Task<Result<Response>> create_group(const NativeServices& services, const Call& call) {
  Group group{.path = std::string(string_at(call.body, "path"))};
  take_group(call.body, group);
  ASSIGN_OR_CO_RETURN(Group made, co_await services.keys.create_group(std::move(group), actor_of(call)));
  co_return Response::json(201, access::document(made));
}

Task<Result<Response>> update_group(const NativeServices& services, const Call& call) {
  access::Keys::ChangeGroup change = [body = call.body](Group& group) { take_group(body, group); };
  std::string path(call.request.param("path"));
  ASSIGN_OR_CO_RETURN(
      Group group, co_await services.keys.update_group(std::move(path), std::move(change), actor_of(call)));
  co_return Response::json(200, access::document(group));
}

Task<Result<Response>> delete_group(const NativeServices& services, const Call& call) {
  std::string path(call.request.param("path"));
  CO_RETURN_IF_ERROR(co_await services.keys.delete_group(std::move(path), actor_of(call)));
  co_return Response{{204, {}}, ""};
}

}  // namespace penstock::api::native
