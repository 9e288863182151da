#include <csignal>
#include <utility>

#include "app/command_line.h"
#include "app/commands/commands.h"
#include "app/commands/data_commands.h"

int main(int argc, char** argv) {
  using namespace penstock::app;
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<Command> commands = {
      serve_command(),           engine_command(),        chat_command(),
      models_list_command(),     models_import_command(), models_quantize_command(),
      requests_tail_command(),   requests_show_command(), config_check_command(),
      config_schema_command(),   config_apply_command(),  config_versions_command(),
      config_diff_command(),     config_undo_command(),   import_litellm_command(),
      import_mlflow_command(),   prices_list_command(),   prices_import_command(),
      prices_versions_command(), prices_diff_command(),   cost_command(),
      budgets_command(),         keys_list_command(),     keys_create_command(),
      keys_update_command(),     keys_rotate_command(),   keys_revoke_command(),
      groups_list_command(),     groups_create_command(), groups_update_command(),
      groups_delete_command(),   users_list_command(),    users_create_command(),
      users_update_command(),    users_delete_command(),  tokens_list_command(),
      tokens_create_command(),   tokens_revoke_command(), audit_list_command(),
      audit_verify_command(),    database_copy_command(), doctor_command(),
      version_command()};
  for (Command& command : data_commands()) commands.push_back(std::move(command));
  std::vector<std::string_view> arguments(argv + 1, argv + argc);
  return std::to_underlying(CommandLine(std::move(commands)).run(arguments));
}
