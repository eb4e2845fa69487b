# Sourced by ./ugate and by bin/ugate of the archive: which JVM, with which flags. Sets no option of the shell.

# feature_of HOME: the feature version (17, 25 …) that HOME/release tells, or nothing. Reads a file instead of starting a JVM.
feature_of() {
  local line
  [ -r "$1/release" ] || return 0
  while IFS= read -r line; do
    if [[ $line =~ ^JAVA_VERSION=\"([0-9]+) ]]; then printf '%s' "${BASH_REMATCH[1]}"; return 0; fi
  done <"$1/release"
}

# classpath LIB: the jars of LIB in a fixed order, since an AOT cache is bound to the order.
classpath() {
  local jar path=
  for jar in "$1"/*.jar; do path="$path:$jar"; done
  printf '%s' "${path#:}"
}

# jvm_command HOME LIB CACHE: sets the array jvm to the command up to and including the main class.
# CACHE is used when it exists; its JVM, jars and flags are checked by the JVM itself, which ignores one that does not fit, but may end
# where another collector has no room for what it holds. So a collector that UGATE_JAVA_OPTS names comes without it, and alone.
jvm_command() {
  local home=$1 lib=$2 cache=$3 feature
  local collector=(
    -XX:+UseParallelGC -XX:ParallelGCThreads=1 # two cores: one collector beside the loops; unlike Serial it sizes the young generation
    -XX:NewRatio=7 -XX:GCTimeRatio=999 # a busy gate grows it until pauses take a thousandth of its time, to an eighth of the heap at most
    -XX:NewSize=12m)            # requests that wait for a moment die young: with less they fill the old generation, with more an idle gate is fat
  if [[ ${UGATE_JAVA_OPTS:-} =~ -XX:\+Use[A-Za-z0-9]+GC ]]; then collector=() cache=; fi
  feature=$(feature_of "$home")
  jvm=("$home/bin/java"
    "${collector[@]}"
    -Xms24m -Xmx512m            # live heap at 8,000 connections stays under 100 MiB; the rest is headroom
    -XX:+UseTransparentHugePages # a request dies in memory that was not looked at for a while: a fiftieth of its time goes to finding the page
    -XX:ThreadPriorityPolicy=1 -XX:CompilerThreadPriority=5 # nice: a compiler must not take a core from the loops
    -XX:+UnlockDiagnosticVMOptions -XX:-PrintWarnings # who is not root is warned that nothing can be raised; nothing is
    -XX:MaxDirectMemorySize=512m # relay buffers; the overload ladder acts before this
    -XX:TypeProfileWidth=4      # many handlers pass the same call sites: with two the compiler often sees neither of the usual ones
    -XX:ReservedCodeCacheSize=64m
    -Xss512k
    -XX:+ExitOnOutOfMemoryError
    -XX:+DisableAttachMechanism
    -XX:-UsePerfData
    "-Djdk.serialFilter=!*"
    -Dcom.sun.security.enableAIAcaIssuers=false
    "-Djava.library.path=$lib/native"
    -Dio.netty.leakDetection.level=disabled # tests run with paranoid
    -Dio.netty.allocator.type=pooled # one allocator for everything
    --add-opens=java.base/java.nio=ALL-UNNAMED -Dio.netty.tryReflectionSetAccessible=true # which fails at once where memory is out
    -Dfile.encoding=UTF-8)
  if [ "$feature" -ge 22 ]; then jvm+=(--enable-native-access=ALL-UNNAMED); fi
  if [ "$feature" -ge 22 ]; then jvm+=(-XX:TrimNativeHeapInterval=30000); fi # what the compiler took goes back when it is done
  if [ "$feature" -ge 23 ]; then jvm+=(--sun-misc-unsafe-memory-access=allow); fi # else Netty takes a slower path without Unsafe
  if [ "$feature" -ge 25 ]; then jvm+=(-XX:+UseCompactObjectHeaders); fi
  if [ -f "$cache" ]; then
    if [ "$feature" -ge 25 ]; then
      jvm+=("-XX:AOTCache=$cache" -Xlog:aot=off -Xlog:cds=off)
    else
      jvm+=("-XX:SharedArchiveFile=$cache" -Xlog:cds=off)
    fi
  fi
  # shellcheck disable=SC2206 # a user's options are words
  jvm+=(${UGATE_JAVA_OPTS:-} -cp "$(classpath "$lib")" dev.ugate.cli.Main)
  export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2} # glibc keeps an arena a thread otherwise: megabytes that nobody uses
}

# training_flag FEATURE FILE: the flag that writes a cache to FILE when the JVM ends.
training_flag() {
  if [ "$1" -ge 25 ]; then printf -- '-XX:AOTCacheOutput=%s' "$2"; else printf -- '-XX:ArchiveClassesAtExit=%s' "$2"; fi
}
