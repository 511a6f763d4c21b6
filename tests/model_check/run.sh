#!/bin/bash
# SPDX-License-Identifier: MIT
# The runtime's protocols, model-checked with spin: each model holds in every order of its steps, and
# with each of its seeded bugs spin finds an order in which it does not.
#
#     tests/model_check/run.sh BUILD-DIRECTORY [MODEL [BUG]]
#
# A model says in its opening comment what is run and what it mirrors:
#
#     run: safety | OPTIONS               every state is reached, no assertion fails, none is stuck
#     run: liveness CLAIM | OPTIONS       on each fair run the ltl formula CLAIM holds
#     run: BUG_NAME | MESSAGE | OPTIONS   spin is to end with an error that says MESSAGE
#     run: BUG_NAME | CLAIM | OPTIONS     the same, and it violates the liveness claim
#     mirrors: FILE FUNCTION DIGEST       a function of C, and its text when the model was last
#                                         compared with it
#
# OPTIONS are definitions for the model.  When a mirrored function has changed, compare, mend the
# model, and record the new text with tests/model_check/refresh.
#
# Each run is left in BUILD-DIRECTORY/model_check/; after an error the steps that lead to it are
# printed by explain.sh there.
set -u
cd "$(dirname "$0")/../.." || exit 1
here=tests/model_check
work=$1/model_check
only=${2-}
bug=${3-}
export here work

# one MODEL RUN: a line "ok ..." or "not ok ..."
one() {
	local model=$1 what message options dir flags args kind states
	IFS='|' read -r what message options < <(echo "$2" | sed 's/ *| */|/g')
	what=${what#run: }
	case $what in
	BUG_*) options="-D$what ${options-}" kind=$message ;;
	*) options=${message-} message='' kind=$what ;;
	esac
	dir=$(echo "$work/$model.$what.$options" | tr -d ' ' | tr -c 'A-Za-z0-9_./=-' '_')
	rm -rf "$dir"
	mkdir -p "$dir"
	cp $here/*.pml $here/*.h "$dir" 2>/dev/null
	case $kind in
	safety | 'assertion violated' | 'invalid end state') flags='-DSAFETY -DNOCLAIM -DNOCOMP' args='' ;;
	*) flags=-DNFAIR=6 args="-a -f -N ${kind#liveness }" message=${message:+acceptance cycle} ;;
	esac
	printf '#!/bin/sh\ncd "$(dirname "$0")" && spin -t -p -g %s model.pml\n' "$options" \
		>"$dir/explain.sh"
	chmod +x "$dir/explain.sh"
	mv "$dir/$model.pml" "$dir/model.pml"
	# -DNOCOMP: states are stored as they are, not packed byte by byte; a search for cycles cannot do without.
	# It is compiled by tcc, which takes a tenth of the time, and searches as fast as when others optimise it:
	# most runs end soon, and the others wait for memory.
	# The search depth is allotted and cleared before the search.
	# shellcheck disable=SC2086
	if ! (cd "$dir" && spin -a $options model.pml && tcc -w $flags -DMEMLIM=1800 -DVECTORSZ=2048 \
		-o pan pan.c && ./pan -m200000 -w20 $args) >"$dir/out" 2>&1; then
		echo "not ok $model: $what $options - spin does not run, see $dir/out"
		return
	fi
	rm -f "$dir/pan" "$dir"/pan.[bchmpt]
	states=$(awk '/states, stored/ { print $1; exit }' "$dir/out")
	if [ -n "$message" ]; then
		if grep -q "^pan:1: $message" "$dir/out"; then
			echo "ok $model: $what is found ($states states)"
		else
			echo "not ok $model: $what is not found, or not as \"$message\", see $dir/out"
		fi
	elif ! grep -q 'errors: 0$' "$dir/out"; then
		echo "not ok $model: $what $options - $(grep -m1 ^pan: "$dir/out"), see $dir/explain.sh"
	elif grep -qE 'Search not completed|search depth too small|-DMEMLIM' "$dir/out"; then
		echo "not ok $model: $what $options - the search is not complete, see $dir/out"
	else
		echo "ok $model: $what $options ($states states)"
	fi
}
export -f one

# The digests of what the models mirror.
drift() {
	local file=$1 path function digest now
	sed -n 's/^ \* mirrors: //p' "$file" | while read -r path function digest; do
		now=$($here/digest "$path" "$function") || now=gone
		if [ "$now" = "${digest-}" ]; then
			echo "ok ${file##*/} mirrors $function"
		else
			echo "not ok $path: $function changed since $file was compared with it:" \
				"look, then record it with $here/refresh"
		fi
	done
}

for_each_model() { # function
	local file
	for file in $here/*.pml; do
		[ -z "$only" ] || [ "$only" = "$(basename "$file" .pml)" ] || continue
		"$1" "$file" "$(basename "$file" .pml)"
	done
}

# What is to be run, for xargs.
runs() {
	sed -n 's/^ \* run: //p' "$1" | while read -r run; do
		[ -z "$bug" ] || [ "$bug" = "${run%% *}" ] || continue
		printf '%s\0%s\0' "$2" "$run"
	done
}

# Each seeded bug is run.
seeded() {
	local name
	for name in $(grep -E '^#(el)?if' "$1" | grep -oE 'BUG_[A-Z_0-9]+' | sort -u); do
		grep -q "^ \* run: $name " "$1" || echo "not ok $2: $name is never run"
	done
}

results=$(mktemp)
trap 'rm -f "$results"' EXIT
{
	for_each_model drift
	for_each_model seeded
	for_each_model runs | xargs -0 -r -n 2 -P "$(nproc)" bash -c 'one "$1" "$2"' one
} | tee "$results"
passed=$(grep -c '^ok ' "$results")
failed=$(grep -c '^not ok ' "$results")
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
