#include <sportello/engine/incidents.hpp>

#include <nlohmann/json.hpp>

namespace sportello::engine {

std::string to_json(const domain::BroadcastTexts& texts)
{
    return nlohmann::json{{"text", texts.text}, {"variants", texts.variants}}.dump(-1, ' ', false,
                                                                                   nlohmann::json::error_handler_t::replace);
}

domain::BroadcastTexts texts_from_json(std::string_view json)
{
    domain::BroadcastTexts texts;
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    if (!parsed.is_object()) return texts;
    texts.text = parsed.value("text", std::string());
    const auto variants = parsed.find("variants");
    if (variants == parsed.end() || !variants->is_object()) return texts;
    for (const auto& [key, text] : variants->items()) {
        if (text.is_string()) texts.variants[key] = text.get<std::string>();
    }
    return texts;
}

} // namespace sportello::engine
