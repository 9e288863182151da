#pragma once

#include "api/native/call.h"
#include "api/native/services.h"
#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"
#include "registry/model_registry.h"
#include "storage/database/database.h"

// The version graph: entries, versions, aliases with their history, promotion rules, prompts, lineage.
namespace penstock::api::native {

// What these handlers stand on; all of it outlives the router.
struct RegistryServices {
  database::Database& database;
};

Task<Result<Response>> list_registry_kinds(const NativeServices& services, const Call& call);
Task<Result<Response>> list_registry_entries(const NativeServices& services, const Call& call);
Task<Result<Response>> create_registry_entry(const NativeServices& services, const Call& call);
Task<Result<Response>> get_registry_entry(const NativeServices& services, const Call& call);
Task<Result<Response>> list_registry_versions(const NativeServices& services, const Call& call);
Task<Result<Response>> create_registry_version(const NativeServices& services, const Call& call);
Task<Result<Response>> get_registry_version(const NativeServices& services, const Call& call);
Task<Result<Response>> record_registry_check(const NativeServices& services, const Call& call);
Task<Result<Response>> get_registry_bom(const NativeServices& services, const Call& call);
Task<Result<Response>> get_registry_prov(const NativeServices& services, const Call& call);

Task<Result<Response>> move_registry_alias(const NativeServices& services, const Call& call);
Task<Result<Response>> delete_registry_alias(const NativeServices& services, const Call& call);
Task<Result<Response>> list_registry_moves(const NativeServices& services, const Call& call);
Task<Result<Response>> undo_registry_move(const NativeServices& services, const Call& call);
Task<Result<Response>> list_promotion_rules(const NativeServices& services, const Call& call);
Task<Result<Response>> create_promotion_rule(const NativeServices& services, const Call& call);
Task<Result<Response>> delete_promotion_rule(const NativeServices& services, const Call& call);

Task<Result<Response>> diff_prompt_versions(const NativeServices& services, const Call& call);
Task<Result<Response>> render_prompt_version(const NativeServices& services, const Call& call);

Task<Result<Response>> get_lineage(const NativeServices& services, const Call& call);
Task<Result<Response>> find_lineage_nodes(const NativeServices& services, const Call& call);
Task<Result<Response>> take_lineage_event(const NativeServices& services, const Call& call);
Task<Result<Response>> get_lineage_events(const NativeServices& services, const Call& call);
Task<Result<Response>> list_touched_requests(const NativeServices& services, const Call& call);

}  // namespace penstock::api::native
