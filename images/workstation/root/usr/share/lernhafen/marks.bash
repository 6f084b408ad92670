# Tells Lernhafen's page where the terminal is: FinalTerm's marks (OSC 133) around prompt and command, as many terminals know them.
# `A` a prompt begins, `B` it is written, `C` a command runs, `D` it has ended. They carry what only this shell was told, so that a
# container that writes marks is not believed; whatever runs here isn't told.
__lernhafen_marks="aid=$LERNHAFEN_MARKS"
unset LERNHAFEN_MARKS

# Before each prompt, as PS1 and PS0 may be others by now.
__lernhafen_prompt() {
  printf '\e]133;D;%s;%s\a\e]133;A;%s\a' "$?" "$__lernhafen_marks" "$__lernhafen_marks"
  local written="\\[\\e]133;B;$__lernhafen_marks\\a\\]" runs="\\e]133;C;$__lernhafen_marks\\a"
  PS1=${PS1//"$written"/}$written
  PS0=${PS0//"$runs"/}$runs
}

# `PROMPT_COMMAND=…` changes the first of them. Nothing of it is shown under `set -x`.
PROMPT_COMMAND[99]='{ __lernhafen_prompt; } 2>/dev/null'
