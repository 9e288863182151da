#include "access/documents.h"

namespace penstock::access {
namespace {

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_time(JsonWriter& json, std::string_view name, const std::optional<Timestamp>& time) {
  if (time) {
    json.field(name, time->us);
  } else {
    json.null_field(name);
  }
}

template <class Holder>
void write_shared(JsonWriter& json, const Holder& holder) {
  json.key("limits").begin_array();
  for (const Limit& limit : holder.limits) {
    json.begin_object().field("kind", limit_kind_name(limit.kind)).field("amount", limit.amount);
    json.field("per_s", limit.per_s).end_object();
  }
  json.end_array();
  if (holder.budget) {
    json.key("budget").begin_object().field("amount_nano_usd", holder.budget->amount.nano_usd);
    json.field("per", period_name(holder.budget->per)).end_object();
  } else {
    json.null_field("budget");
  }
  write_texts(json, "models", holder.scopes.models);
  write_texts(json, "endpoints", holder.scopes.endpoints);
  json.field("source", holder.source == Source::kConfig ? "config" : "database");
}

template <class Value>
std::string written(void (*write)(JsonWriter&, const Value&), const Value& value) {
  JsonWriter json;
  write(json, value);
  return json.take();
}

}  // namespace

void write_key(JsonWriter& json, const Key& key) {
  json.begin_object().field("id", key.id).field("name", key.name).optional_field("group", key.group);
  write_shared(json, key);
  json.field("role", role_name(key.role)).optional_field("created_by", key.created_by);
  json.field("created_at_us", key.created_at.us);
  write_time(json, "expires_at_us", key.expires_at);
  write_time(json, "revoked_at_us", key.revoked_at);
  write_time(json, "previous_until_us", key.previous_until);
  json.end_object();
}

void write_group(JsonWriter& json, const Group& group) {
  json.begin_object().field("path", group.path).field("description", group.description);
  write_shared(json, group);
  json.field("created_at_us", group.created_at.us).end_object();
}

void write_user(JsonWriter& json, const User& user) {
  json.begin_object().field("id", user.id).field("email", user.email).field("name", user.name);
  json.field("disabled", user.disabled).field("has_password", user.has_password);
  json.field("single_sign_on", !user.oidc_subject.empty()).field("created_at_us", user.created_at.us);
  json.key("memberships").begin_array();
  for (const Membership& member : user.memberships) {
    json.begin_object().field("project", member.project).field("role", role_name(member.role)).end_object();
  }
  json.end_array().end_object();
}

void write_token(JsonWriter& json, const Token& token) {
  json.begin_object().field("id", token.id).field("user", token.user).field("name", token.name);
  json.field("created_at_us", token.created_at.us);
  write_time(json, "expires_at_us", token.expires_at);
  json.end_object();
}

void write_project(JsonWriter& json, const Project& project) {
  json.begin_object().field("name", project.name).field("description", project.description);
  json.field("created_at_us", project.created_at.us).end_object();
}

std::string document(const Key& key) { return written(write_key, key); }
std::string document(const Group& group) { return written(write_group, group); }
std::string document(const User& user) { return written(write_user, user); }
std::string document(const Token& token) { return written(write_token, token); }
std::string document(const Project& project) { return written(write_project, project); }

}  // namespace penstock::access
