#pragma once

#include <vector>

#include "app/command_line.h"

namespace penstock::app {

// `penstock data ...`: a row of the command table each.
Command data_init_command();
Command data_add_command();
Command data_commit_command();
Command data_remove_command();
Command data_move_command();
Command data_unprotect_command();
Command data_checkout_command();
Command data_gc_command();
Command data_status_command();
Command data_data_command();
Command data_diff_command();
Command data_list_command();
Command data_check_ignore_command();
Command data_verify_command();
Command data_push_command();
Command data_fetch_command();
Command data_pull_command();
Command data_get_command();
Command data_import_command();
Command data_import_url_command();
Command data_update_command();
Command data_config_command();
Command data_remote_command();
Command data_repro_command();
Command data_metrics_command();
Command data_params_command();
Command data_validate_command();
Command data_profile_command();
Command data_expectations_command();

// All of them, in the order in which the help shows them.
std::vector<Command> data_commands();

}  // namespace penstock::app
