--- One line for the user, so short that Neovim does not ask for a key after it.

---@param text string
---@param level? integer Of `vim.log.levels`; INFO when left out.
return function(text, level)
  local function show()
    local line = 'codeassist: ' .. text:gsub('%s*\n%s*', ' ')
    local room = vim.v.echospace
    if vim.fn.strdisplaywidth(line) > room then
      local cut = vim.fn.strcharpart(line, 0, room)
      while vim.fn.strdisplaywidth(cut) > room - 1 do
        cut = vim.fn.strcharpart(cut, 0, vim.fn.strchars(cut) - 1)
      end
      line = cut .. '…'
    end
    vim.notify(line, level or vim.log.levels.INFO)
  end
  if vim.in_fast_event() then
    vim.schedule(show)
  else
    show()
  end
end
