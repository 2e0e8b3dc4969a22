#include "delivered.hpp"

#include <functional>

namespace sportello::connectors {
namespace {

/// Memory for about a week of a busy channel; then it starts again, which only costs repeated items.
constexpr std::size_t memory_limit = 20'000;

/// Attachments count by their number: their addresses are signed anew with each answer.
std::size_t fingerprint(const domain::PlatformItem& item)
{
    const std::string form = item.text + '\n' + item.author_name + '\n' + std::to_string(item.attachments.size()) + '\n' +
                             std::to_string(item.earlier_ids.size()) + (item.deleted ? "-" : "+") + (item.hidden ? "h" : "");
    return std::hash<std::string>{}(form);
}

} // namespace

bool Delivered::begin(std::uint64_t cursor_step)
{
    const bool came_back = cursor_step == step_ && step_ != 0;
    came_with_ = cursor_step;
    if (!came_back) {
        stored_.clear();
    } else {
        if (stored_.size() > memory_limit) stored_.clear();
        for (auto& [id, form] : on_its_way_) stored_.insert_or_assign(id, form);
    }
    on_its_way_.clear();
    return came_back;
}

bool Delivered::is_news(const std::string& id, std::size_t form)
{
    const auto known = stored_.find(id);
    if (known != stored_.end() && known->second == form) return false;
    const auto [place, fresh] = on_its_way_.try_emplace(id, form);
    if (!fresh && place->second == form) return false;
    place->second = form;
    return true;
}

void Delivered::keep_news(std::vector<domain::PlatformItem>& items)
{
    std::erase_if(items, [this](const domain::PlatformItem& item) { return !is_news(item.platform_id, fingerprint(item)); });
}

void Delivered::keep_news(std::vector<RejectedItem>& rejected)
{
    // No platform's id holds a blank, so these never meet the names of items.
    std::erase_if(rejected, [this](const RejectedItem& item) {
        return !is_news("rejected " + item.platform_id, std::hash<std::string>{}(item.reason + item.raw));
    });
}

} // namespace sportello::connectors
