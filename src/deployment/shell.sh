# shellcheck shell=dash
# Process 1 of every container of ours: a shell that obeys the lines it reads, so that a server is started, killed and wiped
# without asking the engine for a container each time. Run by busybox, which is copied in where an image has none.
#
#   $1 busybox   $2 a folder in memory for its notes
#
# Replies go to standard error, a line each: `ID out BASE64`, `ID err BASE64`, and last `ID end STATUS`; and without being asked `server ended STATUS`. No line is longer than what a
# pipe takes at once, so replies of several calls may be mixed but never torn. Standard output belongs to the server.
B=$1 w=$2
# Words that hold a line break name it: see `quote` in shell.rs.
# shellcheck disable=SC2034
n='
'
exec 3>&1 4>&2
$B mkdir -p "$w"

# A name that no scenario has given (in /etc/hosts) is nobody's, and that is known at once: nothing listens here. The resolver of the host, to which the engine's would pass it on, may take
# twenty seconds, or never answer. Containers in one namespace share the file. A sandbox is told to; the script by itself changes nothing of the place it runs in.
answer_names() { printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >/etc/resolv.conf; }

# call ID SCRIPT: runs a script beside all others and tells what it said and how it ended.
call() {
    (
        (eval "$2") >"$w/$1.out" 2>"$w/$1.err" </dev/null
        status=$?
        for stream in out err; do
            [ -s "$w/$1.$stream" ] || continue
            # Each line in one write. A loop of this shell's would read them byte by byte, a second for each megabyte.
            # shellcheck disable=SC2016  # the program is awk's
            $B base64 -w 3000 "$w/$1.$stream" | $B awk -v head="$1 $stream " '{ print head $0; fflush() }' >&4
        done
        printf '%s end %s\n' "$1" "$status" >&4
        $B rm -f "$w/$1.out" "$w/$1.err"
    ) &
}

# put ID BYTES MODE PATH: the bytes that follow the line become a new file.
put() {
    # A redirection that fails would end this shell.
    $B rm -f "$4" && $B mkdir -p "$($B dirname "$4")" && $B touch "$4"
    status=$?
    # What follows has to be read in any case, or it would be taken for lines.
    if [ $status -eq 0 ]; then to=$4; else to=/dev/null; fi
    $B dd iflag=fullblock bs="$2" count=1 of="$to" 2>/dev/null || status=$?
    [ $status -ne 0 ] || $B chmod "$3" "$4" || status=$?
    printf '%s end %s\n' "$1" "$status" >&4
}

# start PROGRAM WORD...: the server, in a session of its own, so that a signal to all of it reaches its children too.
start() {
    $B rm -f "$w/pid" "$w/exited"
    (
        $B setsid "$@" </dev/null >&3 2>&3 3>&- 4>&- &
        echo $! >"$w/pid"
        wait $!
        status=$?
        # Told before it is noted: who has seen the note has heard of it.
        printf 'server ended %s\n' "$status" >&4
        echo "$status" >"$w/exited"
    ) &
    until [ -s "$w/pid" ]; do $B usleep 1000; done
}

# over FILE FOLDER NAME...: every one of these names on the PATH, and in the folder, leads to the file: no second program of that name is left.
over() {
    file=$1
    folders=$2:$PATH
    shift 2
    for name in "$@"; do
        IFS=:
        for folder in $folders; do
            if [ "$folder" = "${folders%%:*}" ] || [ -e "$folder/$name" ] || [ -L "$folder/$name" ]; then
                $B ln -sfn "$file" "$folder/$name" || return 1
            fi
        done
        unset IFS
    done
}

# runs FILE MILLISECONDS: back when a process of the server's session executes the file, or when the server has ended; 1, with what runs instead, when neither comes.
runs() {
    file=$1
    left=$(($2 / 5 + 1))
    read -r leader <"$w/pid"
    while [ $left -gt 0 ]; do
        [ -s "$w/exited" ] && return
        seen=
        for process in /proc/[0-9]*; do
            { read -r line <"$process/stat"; } 2>/dev/null || continue
            # Behind its name, which may hold anything: state, parent, group, session.
            # shellcheck disable=SC2086  # into its words
            set -- ${line##*\) }
            [ "$4" = "$leader" ] || continue
            [ "$process/exe" -ef "$file" ] && return
            seen="$seen $($B readlink "$process/exe")"
        done
        left=$((left - 1))
        $B usleep 5000
    done
    echo "${seen# }"
    return 1
}

# state: how the server is, in one word and perhaps a number.
state() {
    if [ -s "$w/exited" ]; then
        read -r status <"$w/exited" && echo "exited $status"
    elif [ -s "$w/pid" ]; then
        read -r pid <"$w/pid"
        while read -r key value _; do
            if [ "$key" = State: ]; then echo "$value"; fi
        # Between its end and the note of it there is neither.
        done <"/proc/$pid/status" || echo ending
    else
        echo none
    fi
}

# signal NAME: to the server and its children; nothing where it has ended.
signal() {
    [ -s "$w/exited" ] && return
    read -r pid <"$w/pid" && kill "-$1" "-$pid"
}

# term: to the server alone, which then ends its children as it sees fit.
term() {
    [ -s "$w/exited" ] && return
    read -r pid <"$w/pid" && kill -TERM "$pid"
}

# freeze: stops the server and its children, and is back when it does not run any more. A signal alone is only on its way.
freeze() {
    signal STOP
    left=1000
    until [ "$(state)" = T ]; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 124
        $B usleep 2000
    done
}

# gone MILLISECONDS: back when the server has ended; 124 when it has not.
gone() {
    left=$(($1 / 5 + 1))
    until [ -s "$w/exited" ]; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 124
        $B usleep 5000
    done
}

# paths [TEST...]: what the container has besides programs and libraries, which a look through would cost a tenth of a second.
paths() {
    $B find / -xdev \( -path /usr -o -path /bin -o -path /sbin -o -path '/lib*' -o -path /proc -o -path /sys -o -path /dev \) -prune -o "$@" -print
}

alone() { set -- /proc/[0-9]*; [ $# -eq 1 ]; }

# reset ID: as new. Ends every process but this one, empties what is mounted for data, takes away what was added elsewhere. Status 1 when that
# is not all that has changed.
reset() {
    kill -KILL -1 2>/dev/null
    until alone; do jobs && $B usleep 1000; done >/dev/null 2>&1
    left=
    while read -r _ at _; do
        case $at in
            / | /proc | /proc/* | /sys | /sys/* | /dev | /dev/* | /etc/* | /rehearsal) ;;
            *)
                $B rm -rf "$at"/* "$at"/.[!.]* "$at"/..?*
                left=$left$($B ls -A "$at")
                ;;
        esac
    done </proc/mounts
    paths -newer "$w.mark" | while IFS= read -r path; do
        $B grep -qxF "$path" "$w.born" || $B rm -rf "$path"
    done
    $B rm -rf "$w" && $B mkdir -p "$w"
    [ -z "$left" ] && paths | $B cmp -s - "$w.born" && [ -z "$(paths -newer "$w.mark" ! -type d)" ]
    printf '%s end %s\n' "$1" $? >&4
}

# What the container is like now is how it has to be again. The mark is younger than all of it.
born() { paths >"$w.born" && : >"$w.mark"; }

while IFS= read -r line; do
    eval "$line"
    # Looking at the jobs takes those that have ended off the list of processes.
    jobs >/dev/null
done
