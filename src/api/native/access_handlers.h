#pragma once

#include "api/native/call.h"
#include "api/native/services.h"
#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"

// Keys, groups and the audit journal.
namespace penstock::api::native {

Task<Result<Response>> list_keys(const NativeServices& services, const Call& call);
Task<Result<Response>> create_key(const NativeServices& services, const Call& call);
Task<Result<Response>> get_key(const NativeServices& services, const Call& call);
Task<Result<Response>> update_key(const NativeServices& services, const Call& call);
Task<Result<Response>> rotate_key(const NativeServices& services, const Call& call);
Task<Result<Response>> revoke_key(const NativeServices& services, const Call& call);

Task<Result<Response>> list_groups(const NativeServices& services, const Call& call);
Task<Result<Response>> create_group(const NativeServices& services, const Call& call);
Task<Result<Response>> get_group(const NativeServices& services, const Call& call);
Task<Result<Response>> update_group(const NativeServices& services, const Call& call);
Task<Result<Response>> delete_group(const NativeServices& services, const Call& call);

Task<Result<Response>> list_audit(const NativeServices& services, const Call& call);
Task<Result<Response>> verify_audit(const NativeServices& services, const Call& call);

}  // namespace penstock::api::native
