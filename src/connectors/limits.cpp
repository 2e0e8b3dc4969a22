#include "limits.hpp"

#include <sportello/base/text.hpp>

namespace sportello::connectors {
namespace {

// More than either platform allows; what goes beyond is no work of a customer.
constexpr std::size_t text_limit = 63'206;
constexpr std::size_t name_limit = 200;
constexpr std::size_t url_limit_bytes = 8'192;
constexpr std::size_t attachment_limit = 100;

std::string cut(std::string& text, std::size_t limit, const char* name)
{
    if (text.size() <= limit || base::count_code_points(text) <= limit) return {};
    text = base::shorten(text, limit);
    return std::string("its ") + name + " is too long and was cut";
}

} // namespace

std::string cut_to_limits(domain::PlatformItem& item)
{
    std::string flaws;
    const auto add = [&](const std::string& flaw) {
        if (!flaw.empty()) flaws += (flaws.empty() ? "" : "; ") + flaw;
    };
    add(cut(item.text, text_limit, "text"));
    add(cut(item.author_name, name_limit, "author's name"));
    if (item.attachments.size() > attachment_limit) {
        item.attachments.resize(attachment_limit);
        add("it has too many attachments");
    }
    for (auto& attachment : item.attachments) {
        add(cut(attachment.name, name_limit, "attachment's name"));
        if (attachment.url.size() <= url_limit_bytes) continue;
        attachment.url.clear();
        add("the address of an attachment is too long");
    }
    if (item.permalink.size() > url_limit_bytes) {
        item.permalink.clear();
        add("its address is too long");
    }
    return flaws;
}

} // namespace sportello::connectors
