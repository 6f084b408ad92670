# A shell opens within a blink: nothing here starts a process.
case $- in *i*) ;; *) return ;; esac

HISTCONTROL=ignoreboth
HISTSIZE=5000
HISTFILESIZE=5000
shopt -s histappend checkwinsize

PS1='\[\e[1;36m\]\h\[\e[0m\] \[\e[33m\]\w\[\e[0m\] \$ '

alias ls='ls --color=auto'
alias ll='ls -l'
alias la='ls -la'
alias grep='grep --color=auto'

# Completion takes longer to read than everything else together: the first Tab does it.
_complete_first() {
  unset -f _complete_first
  . /usr/share/bash-completion/bash_completion
  _comp_complete_load "$@"
}
complete -D -F _complete_first
