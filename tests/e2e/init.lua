-- The configuration of a user who has read editors/nvim/README.md.
vim.opt.runtimepath:prepend(vim.env.CODEASSIST_PLUGIN)
vim.o.messagesopt = 'wait:0,history:500' -- a prompt would answer no test

-- Before the plugin: it must be told of the very first request.
_G.requests, _G.notified = {}, {}
vim.api.nvim_create_autocmd('LspRequest', {
  callback = function(event)
    local request = event.data.request
    if request.method == 'textDocument/inlineCompletion' then
      table.insert(_G.requests, request.type)
    end
  end,
})
vim.api.nvim_create_autocmd('LspNotify', {
  callback = function(event)
    if not event.data.method:match('^%$/') then
      table.insert(_G.notified, { event.data.method, event.data.params })
    end
  end,
})

if vim.env.CODEASSIST_BEFORE then
  assert(loadstring(vim.env.CODEASSIST_BEFORE))()
end
local options = vim.json.decode(vim.env.CODEASSIST_SETUP)
require('codeassist').setup(vim.tbl_extend('keep', options, {
  keymaps = {
    accept = '<Tab>',
    accept_word = '<C-l>',
    accept_line = '<C-j>',
    next = '<M-]>',
    prev = '<M-[>',
    dismiss = '<C-]>',
  },
}))
