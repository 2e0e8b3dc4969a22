#include <sportello/base/log.hpp>
#include <sportello/base/text.hpp>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

namespace sportello::base {
namespace {

struct Secrets {
    std::mutex mutex;
    std::vector<std::string> known;
};

Secrets& secrets()
{
    static Secrets instance;
    return instance;
}

/// The message with secrets hidden and control characters escaped, whatever a customer or a platform put into it.
class SafeMessage final : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override
    {
        for (const char c : redact(std::string_view(message.payload.data(), message.payload.size()))) {
            if (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') {
                out.push_back(c);
                continue;
            }
            constexpr std::string_view digits = "0123456789abcdef";
            const auto byte = static_cast<unsigned char>(c);
            for (const char e : {'\\', 'x', digits[byte >> 4], digits[byte & 15]}) out.push_back(e);
        }
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<SafeMessage>(); }
};

/// The same as the members of a JSON object. A request's id, which stands in front in brackets, gets a member of its own.
class JsonMessage final : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override
    {
        const std::string safe = redact(std::string_view(message.payload.data(), message.payload.size()));
        std::string_view text = safe;
        if (const auto end = text.find("] "); text.starts_with("[") && end != std::string_view::npos) {
            append(out, "\"request\":");
            quote(out, text.substr(1, end - 1));
            append(out, ",");
            text.remove_prefix(end + 2);
        }
        append(out, "\"message\":");
        quote(out, text);
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JsonMessage>(); }

private:
    static void append(spdlog::memory_buf_t& out, std::string_view text) { out.append(text.data(), text.data() + text.size()); }
    static void quote(spdlog::memory_buf_t& out, std::string_view text)
    {
        out.push_back('"');
        for (const char c : clean_utf8(text)) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\') out.push_back('\\');
            if (byte >= ' ' && c != '\x7f') {
                out.push_back(c);
                continue;
            }
            constexpr std::string_view digits = "0123456789abcdef";
            for (const char e : {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]}) out.push_back(e);
        }
        out.push_back('"');
    }
};

} // namespace

void set_up_logging(std::string_view level, bool json)
{
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    if (json) formatter->add_flag<JsonMessage>('*').set_pattern(R"({"at":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%*})");
    else formatter->add_flag<SafeMessage>('*').set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %*");
    auto logger = std::make_shared<spdlog::logger>("sportello", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_formatter(std::move(formatter));
    logger->set_level(spdlog::level::from_str(std::string(level)));
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

void hide_in_logs(std::string secret)
{
    if (secret.size() < 8) return;
    const std::scoped_lock lock(secrets().mutex);
    if (std::find(secrets().known.begin(), secrets().known.end(), secret) == secrets().known.end()) {
        secrets().known.push_back(std::move(secret));
    }
}

std::string redact(std::string_view text)
{
    std::string safe(text);
    const std::scoped_lock lock(secrets().mutex);
    for (const std::string& secret : secrets().known) {
        for (std::size_t at = safe.find(secret); at != std::string::npos; at = safe.find(secret, at + 3)) {
            safe.replace(at, secret.size(), "***");
        }
    }
    return safe;
}

} // namespace sportello::base
