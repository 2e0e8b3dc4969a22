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
                             std::to_string(item.earlier_ids.size()) + (item.deleted ? "-" : "+");
    return std::hash<std::string>{}(form);
}

} // namespace

bool Delivered::begin(std::uint64_t cursor_step)
{
    const bool came_back = cursor_step == step_ && step_ != 0;
    if (!came_back) {
        stored_.clear();
    } else {
        if (stored_.size() > memory_limit) stored_.clear();
        for (auto& [id, form] : on_its_way_) stored_.insert_or_assign(id, form);
    }
    on_its_way_.clear();
    return came_back;
}

void Delivered::keep_news(std::vector<domain::PlatformItem>& items)
{
    std::erase_if(items, [this](const domain::PlatformItem& item) {
        const std::size_t form = fingerprint(item);
        const auto known = stored_.find(item.platform_id);
        if (known != stored_.end() && known->second == form) return true;
        const auto [place, fresh] = on_its_way_.try_emplace(item.platform_id, form);
        if (!fresh && place->second == form) return true;
        place->second = form;
        return false;
    });
}

} // namespace sportello::connectors
