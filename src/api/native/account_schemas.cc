#include <array>

#include "api/native/schemas.h"

namespace penstock::api::native {
namespace {

constexpr std::string_view kMe = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["id", "name", "role", "capabilities", "login_required", "user"],
  "properties": {
    "id": {"type": "string",
           "description": "key:..., user:..., token:..., config:..., local; empty: nobody had to log in."},
    "name": {"type": "string"},
    "role": {"enum": ["none", "client", "viewer", "annotator", "developer", "admin", "owner"]},
    "capabilities": {"type": "array", "items": {"type": "string"},
                     "description": "As x-needs of the routes."},
    "login_required": {"type": "boolean"},
    "user": {"type": ["object", "null"], "description": "A User; null: the caller is no person."}
  }
})json";

constexpr std::string_view kLoginOptions = R"json({
  "type": "object", "required": ["required", "password", "single_sign_on"], "additionalProperties": false,
  "properties": {
    "required": {"type": "boolean"},
    "password": {"type": "boolean", "description": "Whether any account has one."},
    "single_sign_on": {"type": ["string", "null"],
                       "description": "Name of the identity provider, to which /api/v1/login/oidc leads."}
  }
})json";

constexpr std::string_view kLogin = R"json({
  "type": "object", "required": ["email", "password"], "additionalProperties": false,
  "properties": {
    "email": {"type": "string", "maxLength": 254},
    "password": {"type": "string", "maxLength": 256}
  }
})json";

constexpr std::string_view kPasswordChange = R"json({
  "type": "object", "required": ["old_password", "password"], "additionalProperties": false,
  "properties": {
    "old_password": {"type": "string", "maxLength": 256},
    "password": {"type": "string", "minLength": 12, "maxLength": 256}
  }
})json";

constexpr std::string_view kUser = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["id", "email", "name", "disabled", "has_password", "single_sign_on", "created_at_us",
               "memberships"],
  "properties": {
    "id": {"type": "string", "format": "uuid"},
    "email": {"type": "string"},
    "name": {"type": "string"},
    "disabled": {"type": "boolean"},
    "has_password": {"type": "boolean"},
    "single_sign_on": {"type": "boolean", "description": "Bound to an identity of the provider."},
    "created_at_us": {"$ref": "#/components/schemas/Time"},
    "memberships": {"type": "array", "items": {"$ref": "#/components/schemas/Membership"}}
  }
})json";

constexpr std::string_view kMembership = R"json({
  "type": "object", "required": ["project", "role"], "additionalProperties": false,
  "properties": {
    "project": {"type": "string"},
    "role": {"enum": ["viewer", "annotator", "developer", "admin", "owner"]}
  }
})json";

constexpr std::string_view kUserPage = R"json({
  "type": "object", "required": ["users", "next_cursor"], "additionalProperties": false,
  "properties": {
    "users": {"type": "array", "maxItems": 200, "items": {"$ref": "#/components/schemas/User"}},
    "next_cursor": {"type": ["string", "null"]}
  }
})json";

constexpr std::string_view kNewUser = R"json({
  "type": "object", "required": ["email", "role"], "additionalProperties": false,
  "properties": {
    "email": {"type": "string", "maxLength": 254},
    "name": {"type": "string", "maxLength": 128},
    "role": {"enum": ["viewer", "annotator", "developer", "admin", "owner"]},
    "password": {"type": "string", "minLength": 12, "maxLength": 256,
                 "description": "Absent: the account logs in through the identity provider only."}
  }
})json";

constexpr std::string_view kUserChange = R"json({
  "type": "object", "additionalProperties": false,
  "properties": {
    "name": {"type": "string", "maxLength": 128},
    "disabled": {"type": "boolean"},
    "password": {"type": "string", "minLength": 12, "maxLength": 256}
  }
})json";

constexpr std::string_view kMemberRole = R"json({
  "type": "object", "required": ["role"], "additionalProperties": false,
  "properties": {"role": {"enum": ["viewer", "annotator", "developer", "admin", "owner"]}}
})json";

constexpr std::string_view kProject = R"json({
  "type": "object", "required": ["name", "description", "created_at_us"], "additionalProperties": false,
  "properties": {
    "name": {"type": "string"},
    "description": {"type": "string"},
    "created_at_us": {"$ref": "#/components/schemas/Time"}
  }
})json";

constexpr std::string_view kProjectList = R"json({
  "type": "object", "required": ["projects"], "additionalProperties": false,
  "properties": {"projects": {"type": "array", "items": {"$ref": "#/components/schemas/Project"}}}
})json";

constexpr std::string_view kNewProject = R"json({
  "type": "object", "required": ["name"], "additionalProperties": false,
  "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 64},
    "description": {"type": "string", "maxLength": 1024}
  }
})json";

constexpr std::string_view kToken = R"json({
  "type": "object", "required": ["id", "user", "name", "created_at_us", "expires_at_us"],
  "additionalProperties": false,
  "properties": {
    "id": {"type": "string"},
    "user": {"type": "string", "description": "Whose token it is."},
    "name": {"type": "string"},
    "created_at_us": {"$ref": "#/components/schemas/Time"},
    "expires_at_us": {"type": ["integer", "null"]}
  }
})json";

constexpr std::string_view kTokenPage = R"json({
  "type": "object", "required": ["tokens", "next_cursor"], "additionalProperties": false,
  "properties": {
    "tokens": {"type": "array", "maxItems": 200, "items": {"$ref": "#/components/schemas/Token"}},
    "next_cursor": {"type": ["string", "null"]}
  }
})json";

constexpr std::string_view kNewToken = R"json({
  "type": "object", "required": ["name"], "additionalProperties": false,
  "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 128},
    "expires_at_us": {"type": ["integer", "null"], "minimum": 0}
  }
})json";

constexpr std::string_view kIssuedToken = R"json({
  "type": "object", "required": ["token", "secret"], "additionalProperties": false,
  "properties": {
    "token": {"$ref": "#/components/schemas/Token"},
    "secret": {"type": "string", "description": "What programs send. It is shown this once and not kept."}
  }
})json";

constexpr std::string_view kSessionList = R"json({
  "type": "object", "required": ["sessions"], "additionalProperties": false,
  "properties": {"sessions": {"type": "array", "items": {"$ref": "#/components/schemas/Session"}}}
})json";

constexpr std::string_view kSession = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["id", "user", "created_at_us", "expires_at_us"],
  "properties": {
    "id": {"type": "string"},
    "user": {"type": "string"},
    "created_at_us": {"$ref": "#/components/schemas/Time"},
    "expires_at_us": {"$ref": "#/components/schemas/Time"}
  }
})json";

constexpr std::array kSchemas = {
    Schema{"IssuedToken", kIssuedToken},
    Schema{"Login", kLogin},
    Schema{"LoginOptions", kLoginOptions},
    Schema{"Me", kMe},
    Schema{"MemberRole", kMemberRole},
    Schema{"Membership", kMembership},
    Schema{"NewProject", kNewProject},
    Schema{"NewToken", kNewToken},
    Schema{"NewUser", kNewUser},
    Schema{"PasswordChange", kPasswordChange},
    Schema{"Project", kProject},
    Schema{"ProjectList", kProjectList},
    Schema{"Session", kSession},
    Schema{"SessionList", kSessionList},
    Schema{"Token", kToken},
    Schema{"TokenPage", kTokenPage},
    Schema{"User", kUser},
    Schema{"UserChange", kUserChange},
    Schema{"UserPage", kUserPage},
};

}  // namespace

std::span<const Schema> account_schemas() { return kSchemas; }

}  // namespace penstock::api::native
