#include <algorithm>
#include <array>

#include "app/litellm_plan.h"
#include "core/text.h"

namespace penstock::app::litellm {
namespace {

enum class KeyUse : uint8_t { kNeeded, kOptional };

// A provider as LiteLLM names it in front of a model.
struct Prefix {
  std::string_view name;
  std::string_view type;        // of ours; empty: it has no counterpart
  std::string_view key_env{};   // that LiteLLM reads where no api_key is given
  std::string_view base_url{};  // where the type has none of its own
  KeyUse key = KeyUse::kNeeded;
  std::string_view base_url_ends_with{};  // LiteLLM adds it by itself; we want it written
};

constexpr KeyUse kOptional = KeyUse::kOptional;

constexpr Prefix kPrefixes[] = {
    {"anthropic", "anthropic", "ANTHROPIC_API_KEY", {}, KeyUse::kNeeded, "/v1"},
    {"azure", "azure", "AZURE_API_KEY"},
    {"azure_ai", "openai_compatible", "AZURE_AI_API_KEY"},
    {"cerebras", "cerebras", "CEREBRAS_API_KEY"},
    {"cohere", "cohere", "COHERE_API_KEY"},
    {"cohere_chat", "cohere", "COHERE_API_KEY"},
    {"custom_openai", "openai_compatible", {}, {}, kOptional},
    {"databricks", "openai_compatible", "DATABRICKS_API_KEY"},
    {"deepinfra", "openai_compatible", "DEEPINFRA_API_KEY", "https://api.deepinfra.com/v1/openai"},
    {"deepseek", "deepseek", "DEEPSEEK_API_KEY"},
    {"fireworks_ai", "fireworks", "FIREWORKS_AI_API_KEY"},
    {"gemini", "gemini", "GEMINI_API_KEY"},
    {"groq", "groq", "GROQ_API_KEY"},
    {"hosted_vllm", "vllm", {}, {}, kOptional},
    {"huggingface", "tgi", "HUGGINGFACE_API_KEY", {}, kOptional, "/v1"},
    {"jina_ai", "jina", "JINA_AI_API_KEY"},
    {"litellm_proxy", "openai_compatible", "LITELLM_PROXY_API_KEY"},
    {"llamafile", "llama_server", {}, {}, kOptional},
    {"lm_studio", "openai_compatible", {}, {}, kOptional},
    {"mistral", "mistral", "MISTRAL_API_KEY"},
    {"moonshot", "openai_compatible", "MOONSHOT_API_KEY", "https://api.moonshot.ai/v1"},
    {"nvidia_nim", "openai_compatible", "NVIDIA_NIM_API_KEY", "https://integrate.api.nvidia.com/v1"},
    {"ollama", "ollama", {}, {}, kOptional, "/v1"},
    {"ollama_chat", "ollama", {}, {}, kOptional, "/v1"},
    {"openai", "openai", "OPENAI_API_KEY"},
    {"openai_like", "openai_compatible", {}, {}, kOptional},
    {"openrouter", "openrouter", "OPENROUTER_API_KEY"},
    {"perplexity", "openai_compatible", "PERPLEXITYAI_API_KEY", "https://api.perplexity.ai"},
    {"sambanova", "openai_compatible", "SAMBANOVA_API_KEY", "https://api.sambanova.ai/v1"},
    {"text-completion-openai", "openai", "OPENAI_API_KEY"},
    {"together_ai", "together", "TOGETHERAI_API_KEY"},
    {"vllm", "vllm", {}, {}, kOptional},
    {"voyage", "openai_compatible", "VOYAGE_API_KEY", "https://api.voyageai.com/v1"},
    {"xai", "xai", "XAI_API_KEY"},
    // Their own protocols and credentials, which we do not speak.
    {"aiml", {}},
    {"bedrock", {}},
    {"bedrock_converse", {}},
    {"clarifai", {}},
    {"github_copilot", {}},
    {"oci", {}},
    {"petals", {}},
    {"predibase", {}},
    {"replicate", {}},
    {"sagemaker", {}},
    {"sagemaker_chat", {}},
    {"snowflake", {}},
    {"triton", {}},
    {"vertex_ai", {}},
    {"vertex_ai_beta", {}},
    {"watsonx", {}},
    {"watsonx_text", {}},
};

// Whose a model is that stands without a prefix.
constexpr std::pair<std::string_view, std::string_view> kFamilies[] = {
    {"gpt-", "openai"},
    {"chatgpt-", "openai"},
    {"o1", "openai"},
    {"o3", "openai"},
    {"o4", "openai"},
    {"text-embedding-", "openai"},
    {"omni-moderation", "openai"},
    {"claude-", "anthropic"},
    {"command-", "cohere"},
    {"mistral-", "mistral"},
    {"deepseek-", "deepseek"},
    {"gemini-", "vertex_ai"},
};

// What people write where a server wants any key at all.
constexpr std::array<std::string_view, 9> kNoKeys = {
    "none", "empty", "fake-key", "dummy", "anything", "not-needed", "fake", "ollama", "lm-studio"};

const Prefix* find_prefix(std::string_view name) {
  auto found = std::ranges::find(kPrefixes, name, &Prefix::name);
  return found == std::end(kPrefixes) ? nullptr : &*found;
}

// A model as LiteLLM writes it, apart. No prefix: it is none that we know.
struct ModelName {
  const Prefix* prefix = nullptr;
  std::string model;
};

ModelName read_model(const YamlNode& parameters) {
  std::string_view text = parameters.text_at("model");
  std::string_view custom = parameters.text_at("custom_llm_provider");
  if (!custom.empty()) {
    if (text.starts_with(custom) && text.substr(custom.size()).starts_with('/'))
      text.remove_prefix(custom.size() + 1);
    return {find_prefix(custom), std::string(text)};
  }
  size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    if (const Prefix* prefix = find_prefix(text.substr(0, slash)))
      return {prefix, std::string(text.substr(slash + 1))};
  }
  for (const auto& [start, family] : kFamilies) {
    if (text.starts_with(start)) return {find_prefix(family), std::string(text)};
  }
  return {parameters.find("api_base") != nullptr ? find_prefix("openai_like") : nullptr, std::string(text)};
}

// A text that may name an environment variable, as our configuration writes it.
std::string expanded(Plan& plan, std::string_view text) {
  std::string_view name = environment_name(text);
  if (name.empty()) return std::string(text);
  plan.environment.emplace(name);
  return "${" + std::string(name) + "}";
}

std::string base_url_of(Plan& plan, const Prefix& prefix, const YamlNode& parameters) {
  std::string_view given = parameters.text_at("api_base");
  if (given.empty()) given = parameters.text_at("base_url");
  if (given.empty() && prefix.type == "azure") given = "os.environ/AZURE_API_BASE";  // what LiteLLM reads
  if (given.empty()) return std::string(prefix.base_url);
  std::string url = expanded(plan, given);
  while (url.ends_with('/')) url.pop_back();
  if (!url.ends_with(prefix.base_url_ends_with)) url += prefix.base_url_ends_with;
  return url;
}

// "PENSTOCK_OPENAI_2_API_KEY" for the provider "openai_2": a name that nothing else uses.
std::string variable_for(std::string_view provider) {
  std::string name = "PENSTOCK_";
  for (char c : provider) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name + "_API_KEY";
}

std::string free_name(const Plan& plan, std::string_view wanted) {
  std::string name(wanted);
  for (int i = 2; std::ranges::find(plan.providers, name, &PlannedProvider::name) != plan.providers.end();
       ++i)
    name = std::string(wanted) + "_" + std::to_string(i);
  return name;
}

// What tells two providers apart, before they have names: their key's text among it.
struct Place {
  PlannedProvider provider;
  std::string key;
};

std::string key_of(const Prefix& prefix, const YamlNode& parameters, bool own_server) {
  std::string_view key = parameters.text_at("api_key");
  if (std::ranges::find(kNoKeys, to_lower(key)) != kNoKeys.end()) return {};
  if (!key.empty()) return std::string(key);
  if (prefix.key == KeyUse::kOptional || own_server || prefix.key_env.empty()) return {};
  return "os.environ/" + std::string(prefix.key_env);
}

// The provider of that place, added if it is new.
std::string provider_of(Plan& plan, Place place, const YamlNode& parameters, const std::string& wanted_name) {
  for (const PlannedProvider& known : plan.providers) {
    bool same = known.type == place.provider.type && known.base_url == place.provider.base_url &&
                known.api_version == place.provider.api_version;
    auto key = plan.provider_keys.find(known.name);
    if (same && key != plan.provider_keys.end() && key->second == place.key) return known.name;
  }
  place.provider.name = free_name(plan, wanted_name);
  if (!place.key.empty()) {
    const YamlNode* node = parameters.find("api_key");
    place.provider.key_env =
        secret_variable(plan, node == nullptr ? parameters.line : node->line,
                        "model_list.litellm_params.api_key", place.key, variable_for(place.provider.name));
  }
  plan.provider_keys[place.provider.name] = std::move(place.key);
  plan.providers.push_back(std::move(place.provider));
  return plan.providers.back().name;
}

// A route "gpt-*" asks for the name that it was asked for, so a pattern must be the same on both sides.
bool check_pattern(Plan& plan, std::string_view model_name, const ModelName& model, int line) {
  bool pattern = model_name.contains('*') || model.model.contains('*');
  if (!pattern || model_name == model.model) return true;
  if (model_name.ends_with('*') && model_name.find('*') == model_name.size() - 1 &&
      !model.model.contains('*'))
    return true;
  plan.left_out(line, "model_list: " + std::string(model_name),
                "the provider would be asked for the whole name; list its models, or write a route whose "
                "name is the provider's own pattern, such as \"gpt-*\"");
  return false;
}

}  // namespace

std::optional<PlannedTarget> read_deployment(Plan& plan, std::string_view model_name,
                                             const YamlNode& parameters) {
  ModelName model = read_model(parameters);
  std::string shown = "model_list: " + std::string(parameters.text_at("model"));
  int line = parameters.line;
  if (const YamlNode* node = parameters.find("model")) line = node->line;
  if (model.prefix == nullptr || model.prefix->type.empty()) {
    plan.left_out(line, shown,
                  model.prefix == nullptr
                      ? std::string("whose model this is cannot be told from its name")
                      : "the provider " + std::string(model.prefix->name) + " has no counterpart");
    return std::nullopt;
  }
  if (!check_pattern(plan, model_name, model, line)) return std::nullopt;
  const Prefix& prefix = *model.prefix;
  Place place{.provider = {.type = std::string(prefix.type),
                           .base_url = base_url_of(plan, prefix, parameters),
                           .line = line}};
  bool own_server = prefix.name == "openai" && !place.provider.base_url.empty() &&
                    !place.provider.base_url.contains("api.openai.com");
  if (own_server) place.provider.type = "openai_compatible";
  constexpr std::array<std::string_view, 4> kNeedUrl = {"openai_compatible", "vllm", "tgi", "llama_server"};
  if (place.provider.base_url.empty() && std::ranges::find(kNeedUrl, prefix.type) != kNeedUrl.end()) {
    plan.left_out(line, shown, "it has no api_base, and " + std::string(prefix.name) + " has no usual one");
    return std::nullopt;
  }
  if (prefix.type == "azure" || prefix.type == "anthropic") {
    place.provider.api_version = expanded(plan, parameters.text_at("api_version"));
  }
  place.key = key_of(prefix, parameters, own_server);
  std::string wanted = own_server                           ? "openai_compatible"
                       : prefix.type == "openai_compatible" ? std::string(prefix.name)
                                                            : std::string(prefix.type);
  PlannedTarget target{.provider = provider_of(plan, std::move(place), parameters, wanted), .line = line};
  if (!model.model.contains('*')) target.model = model.model;
  return target;
}

}  // namespace penstock::app::litellm
