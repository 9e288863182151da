#include "app/commands/data_commands.h"

namespace penstock::app {

std::vector<Command> data_commands() {
  return {
      data_init_command(),        data_add_command(),    data_status_command(),       data_push_command(),
      data_pull_command(),        data_fetch_command(),  data_checkout_command(),     data_commit_command(),
      data_diff_command(),        data_data_command(),   data_remove_command(),       data_move_command(),
      data_unprotect_command(),   data_gc_command(),     data_verify_command(),       data_list_command(),
      data_get_command(),         data_import_command(), data_import_url_command(),   data_update_command(),
      data_config_command(),      data_remote_command(), data_check_ignore_command(), data_repro_command(),
      data_metrics_command(),     data_params_command(), data_validate_command(),     data_profile_command(),
      data_expectations_command()};
}

}  // namespace penstock::app
