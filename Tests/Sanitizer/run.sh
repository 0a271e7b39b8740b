# shellcheck shell=bash disable=SC2154 # What is not set here, bin/test has set.
# Part of bin/test: builds a copy of the sources for the thread sanitizer and runs the tests of what has threads of its
# own. The copy imports the mutex of this folder in the place of the standard library's (see Mutex.swift).
copy=$root/.local/sanitize
begun=$EPOCHREALTIME
mkdir -p "$copy"
for part in Package.swift Clients Deploy Services Shared Tests Tools docs; do
  rm -rf "${copy:?}/$part"
  cp -rp "$part" "$copy/"
done
grep -rlE '^((package|internal) )?import Synchronization$' --include='*.swift' "$copy"/{Clients,Services,Shared,Tests,Tools} |
  xargs sed -i 's/import Synchronization$/import SanitizerSynchronization/'
export ORDERLINE_SANITIZE=thread
if ! (cd "$copy" && swift build --build-tests --sanitize=thread) > "$work/build.log" 2>&1 < /dev/null; then
  grep -E 'error:' "$work/build.log" | sort -u | head -n 40 >&2
  exit 1
fi
step "Build for the thread sanitizer" "$begun"

begun=$EPOCHREALTIME
start_backing "$copy/.build/debug/localstack" "$work/backing"
status=0
# A part at a time, and what only computes by itself: all at once they would not have their turns in time, so slow is
# everything here.
computing='RoomFeedTests|FoldingTests|HeadReaderTests|BodyReaderTests|FrameReaderTests|UTF8ValidatorTests'
sanitized() {
  (cd "$copy" && TSAN_OPTIONS="halt_on_error=0 exitcode=66 suppressions=$root/Tests/Sanitizer/suppressions.txt" \
    swift test --skip-build --sanitize=thread "$@") >> "$work/sanitizer.log" 2>&1 < /dev/null || status=$?
}
for part in 'PersistenceTests|PostgresTests' 'TransportTests|MessagingTests' 'GatewayTests' \
  'SocketServerTests|HTTPServerTests|LogsTests|ThreadsTests'; do
  sanitized --filter "$part" --skip "$computing"
done
sanitized --filter "$computing"
races=$(grep -c 'WARNING: ThreadSanitizer' "$work/sanitizer.log" || true)
grep -E '✘|↳ the same numbers|SUMMARY: ThreadSanitizer' "$work/sanitizer.log" | sort | uniq -c | head -n 40 || true
grep -E '^. Test run with' "$work/sanitizer.log" | sort -u
step "Tests under the thread sanitizer, $races reports" "$begun"
[ "$status" = 0 ] && [ "$races" = 0 ]
