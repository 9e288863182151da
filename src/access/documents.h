#pragma once

#include <string>
#include <string_view>

#include "access/snapshot.h"
#include "access/user_store.h"
#include "core/json_writer.h"

// Keys, groups and people as JSON, without secrets: the same in the native API and in the audit journal.
namespace penstock::access {

void write_key(JsonWriter& json, const Key& key);
void write_group(JsonWriter& json, const Group& group);
void write_user(JsonWriter& json, const User& user);
void write_token(JsonWriter& json, const Token& token);
void write_project(JsonWriter& json, const Project& project);

std::string document(const Key& key);
std::string document(const Group& group);
std::string document(const User& user);
std::string document(const Token& token);
std::string document(const Project& project);

}  // namespace penstock::access
