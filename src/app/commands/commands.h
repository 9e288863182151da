#pragma once

#include "app/command_line.h"

namespace penstock::app {

// A row of the command table each; `main` puts them together.
Command serve_command();
Command engine_command();
Command chat_command();
Command models_list_command();
Command models_import_command();
Command models_quantize_command();
Command requests_tail_command();
Command requests_show_command();
Command config_check_command();
Command config_schema_command();
Command config_apply_command();
Command config_versions_command();
Command config_diff_command();
Command config_undo_command();
Command import_litellm_command();
Command import_mlflow_command();
Command prices_list_command();
Command prices_import_command();
Command prices_versions_command();
Command prices_diff_command();
Command cost_command();
Command budgets_command();
Command keys_list_command();
Command keys_create_command();
Command keys_update_command();
Command keys_rotate_command();
Command keys_revoke_command();
Command groups_list_command();
Command groups_create_command();
Command groups_update_command();
Command groups_delete_command();
Command users_list_command();
Command users_create_command();
Command users_update_command();
Command users_delete_command();
Command tokens_list_command();
Command tokens_create_command();
Command tokens_revoke_command();
Command audit_list_command();
Command audit_verify_command();
Command database_copy_command();
Command doctor_command();
Command version_command();

}  // namespace penstock::app
