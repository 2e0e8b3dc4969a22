#include <sportello/domain/access_warning.hpp>

namespace sportello::domain {

using namespace std::chrono_literals;

std::int64_t access_mark(std::optional<base::Instant> ends_at, base::Instant now)
{
    if (!ends_at) return 0;
    for (const std::int64_t days : {1, 7, 14}) {
        if (*ends_at - now <= days * 24h) return days;
    }
    return 0;
}

std::string access_warning(std::string_view channel, std::optional<base::Instant> ends_at, std::string_view lacks, base::Instant now)
{
    std::string words;
    if (access_mark(ends_at, now) > 0) {
        words = *ends_at > now ? "The access to this channel ends at " : "The access to this channel ended at ";
        words += base::to_rfc3339(*ends_at) + ": run `sportello channel connect " + std::string(channel) + "`";
    }
    if (lacks.empty()) return words;
    if (!words.empty()) words += ". ";
    return words + "The token lacks " + std::string(lacks);
}

} // namespace sportello::domain
