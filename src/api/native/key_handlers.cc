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
using access::Key;

bool has_ended(const Key& key, Timestamp now) { return key.expires_at && *key.expires_at <= now; }

std::string_view status_of(const Key& key, Timestamp now) {
  if (key.revoked_at) return "revoked";
  return has_ended(key, now) ? "expired" : "active";
}

bool matches(const Query& query, const Key& key, Timestamp now) {
  std::string group = query.text("group");
  bool in_group = group.empty() || key.group == group || key.group.starts_with(group + "/");
  std::string status = query.text("status");
  bool of_status = status.empty() || status == status_of(key, now);
  std::string wanted = query.text("q");
  bool named = wanted.empty() || key.name.contains(wanted) || key.id == wanted;
  return in_group && of_status && named;
}

// The id under which the API names a key: those of the configuration have "config:" before their name.
std::string public_id(const Key& key) {
  return key.source == access::Source::kConfig ? "config:" + key.id : key.id;
}

void write_key_view(JsonWriter& json, const Key& key, Timestamp now) {
  Key shown = key;
  shown.id = public_id(key);
  json.begin_object().field("status", status_of(key, now));
  json.key("key");
  access::write_key(json, shown);
  json.end_object();
}

std::string key_view(const Key& key, Timestamp now) {
  JsonWriter json;
  write_key_view(json, key, now);
  return json.take();
}

Response issued(const access::IssuedKey& key, Timestamp now, int status) {
  JsonWriter json;
  json.begin_object().field("status", status_of(key.key, now)).key("key");
  access::write_key(json, key.key);
  json.field("secret", key.secret).end_object();
  return Response::json(status, json.take());
}

// Everything of a key that a caller may set.
void take_key(const Json& body, Key& key) {
  if (const Json* name = find(body, "name")) key.name = text_in(*name);
  if (const Json* group = find(body, "group")) key.group = text_in(*group);
  if (const Json* expiry = find(body, "expires_at_us")) key.expires_at = time_in(*expiry);
  take_shared(body, key);
}

}  // namespace

Task<Result<Response>> list_keys(const NativeServices& services, const Call& call) {
  Timestamp now = services.clock.now();
  const std::vector<Key>& keys = call.snapshot->data().keys;
  std::vector<const Key*> found;
  for (const Key& key : keys) {
    if (matches(call.query, key, now)) found.push_back(&key);
  }
  std::ranges::reverse(found);
  ASSIGN_OR_CO_RETURN(auto page, page_of(call.query, found, [](const Key* key) { return public_id(*key); }));
  JsonWriter json;
  json.begin_object().key("keys").begin_array();
  for (const Key* key : page.items) write_key_view(json, *key, now);
  json.end_array().optional_field("next_cursor", page.next_cursor).end_object();
  co_return Response::json(200, json.take());
}

Task<Result<Response>> get_key(const NativeServices& services, const Call& call) {
  std::string id(call.request.param("id"));
  const std::vector<Key>& keys = call.snapshot->data().keys;
  auto found = std::ranges::find_if(keys, [&](const Key& key) { return public_id(key) == id; });
  if (found == keys.end()) co_return Failure(Error::not_found("no key has the id '" + id + "'"));
  co_return Response::json(200, key_view(*found, services.clock.now()));
}

Task<Result<Response>> create_key(const NativeServices& services, const Call& call) {
  Key key;
  take_key(call.body, key);
  ASSIGN_OR_CO_RETURN(auto made, co_await services.keys.create(std::move(key), actor_of(call)));
  co_return issued(made, services.clock.now(), 201);
}

Task<Result<Response>> update_key(const NativeServices& services, const Call& call) {
  access::Keys::ChangeKey change = [body = call.body](Key& key) { take_key(body, key); };
  std::string id(call.request.param("id"));
  ASSIGN_OR_CO_RETURN(Key key,
                      co_await services.keys.update(std::move(id), std::move(change), actor_of(call)));
  co_return Response::json(200, key_view(key, services.clock.now()));
}

Task<Result<Response>> rotate_key(const NativeServices& services, const Call& call) {
  std::string id(call.request.param("id"));
  int64_t overlap_s = int_at(call.body, "overlap_s");
  ASSIGN_OR_CO_RETURN(auto made, co_await services.keys.rotate(std::move(id), overlap_s, actor_of(call)));
  co_return issued(made, services.clock.now(), 200);
}

Task<Result<Response>> revoke_key(const NativeServices& services, const Call& call) {
  std::string id(call.request.param("id"));
  ASSIGN_OR_CO_RETURN(Key key, co_await services.keys.revoke(std::move(id), actor_of(call)));
  co_return Response::json(200, key_view(key, services.clock.now()));
}

}  // namespace penstock::api::native
