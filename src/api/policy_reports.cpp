// What browsers stopped on our pages: a script that somebody smuggled in, an extension's, or a mistake of ours. Anybody can
// send such a report, so it is worth a line in the log and a number, and little time.
#include "context.hpp"
#include "json_body.hpp"
#include "page_policy.hpp"

#include <sportello/base/text.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

namespace sportello::api {
namespace {

using base::Error;
using base::ErrorKind;
using boost::asio::awaitable;
using http::Method;
using nlohmann::json;

constexpr std::size_t most_reports = 20; ///< of one request, that are looked at
constexpr std::size_t longest_logged_text = 200;

/// A member's text; of an address nothing behind its path, where secrets may stand.
std::string short_text_of(const json& report, const char* name)
{
    const auto found = report.find(name);
    if (found == report.end() || !found->is_string()) return "?";
    const auto& text = found->get_ref<const std::string&>();
    return base::shorten(text.substr(0, text.find_first_of("?#")), longest_logged_text);
}

void write_down(const std::string& request_id, const json& report)
{
    const auto line = report.find("lineNumber");
    const std::string place = line != report.end() && line->is_number_integer() ? ":" + std::to_string(line->get<std::int64_t>()) : "";
    spdlog::warn("[{}] a browser kept to the page's policy: {} stopped {} on {}, from {}{}", request_id,
                 short_text_of(report, "effectiveDirective"), short_text_of(report, "blockedURL"), short_text_of(report, "documentURL"),
                 short_text_of(report, "sourceFile"), place);
}

/// POST /hooks/page-policy
awaitable<Answer> take_reports(Context& context, Call& call)
{
    const base::Duration now = context.clock.since_boot();
    const base::Duration wait = context.policy_reports.wait(call.request.remote_address, now);
    if (wait > base::Duration::zero()) {
        co_return call.refuse({.status = 429,
                               .code = "too_many",
                               .detail = "Too many reports came from your address.",
                               .retry_after_seconds = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(wait).count())});
    }
    context.policy_reports.offended(call.request.remote_address, now);
    const auto reports = read_json(call.request.body);
    if (!reports) co_return Error(ErrorKind::invalid_input, "The reports cannot be read.", {{"", reports.error().what()}});
    if (!reports->is_array()) co_return Error(ErrorKind::invalid_input, "The reports cannot be read.", {{"", "a list is expected"}});
    for (std::size_t at = 0; at < std::min(reports->size(), most_reports); ++at) {
        const json& report = (*reports)[at];
        const bool is_ours = report.is_object() && report.contains("type") && json("csp-violation") == report["type"] &&
                             report.contains("body") && report["body"].is_object();
        if (!is_ours) continue; // browsers report of much else to an address that they know
        context.metrics.page_policy_broken();
        write_down(call.request_id, report["body"]);
    }
    co_return http::Response::empty(204);
}

} // namespace

void set_page_policy(http::Headers& headers)
{
    headers.set("Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; "
                "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
                "require-trusted-types-for 'script'; trusted-types vue; report-to page-policy");
    headers.set("Reporting-Endpoints", "page-policy=\"" + std::string(policy_reports_path) + "\"");
}

std::span<const Route> policy_report_routes()
{
    static constexpr Route routes[] = {
        {Method::post, policy_reports_path, Access::public_, take_reports, {.takes_reports = true}},
    };
    return routes;
}

} // namespace sportello::api
